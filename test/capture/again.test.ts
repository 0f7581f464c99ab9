import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { AttachingAgain } from '../../src/capture/again.ts';
import { ModuleWatch } from '../../src/capture/modules.ts';
import { attached, fakeBpftrace } from './fake.ts';

const fake = fakeBpftrace();
afterAll(() => fake.remove());

const PATIENT = { timeout: 15_000 };

/** Modules of a kernel of our own. */
class Kernel {
  readonly folder: string;

  constructor(name: string) {
    this.folder = join(fake.folder, name);
    mkdirSync(this.folder);
  }

  load(module: string): void {
    const unfinished = join(this.folder, `.${module}`);
    mkdirSync(unfinished);
    writeFileSync(join(unfinished, 'initstate'), 'live\n');
    renameSync(unfinished, join(this.folder, module));
  }

  unload(module: string): void {
    rmSync(join(this.folder, module), { recursive: true });
  }
}

/** What is attached again by a program, when `m` or `n` is loaded, and all that is told of it. @param reading happens while the kernel is read */
function attaching(name: string, text: string, reading: (kernel: Kernel) => Promise<void> | void = () => {}) {
  const kernel = new Kernel(name);
  const told: string[] = [];
  const again = new AttachingAgain([], {
    bpftrace: fake.bpftrace,
    watch: new ModuleWatch(['m', 'n'], kernel.folder),
    again: async () => {
      await reading(kernel);
      return {
        attachments: [{ kind: 'kprobe', module: 'm', place: 'kprobe:f', body: '' }],
        program: { text, readiness: [0], env: {}, shared: false },
        looks: null,
      };
    },
    lines: async (events) => {
      if (events.length > 0) told.push(`lines ${events}`);
    },
    lost: (count) => told.push(`lost ${count}`),
    skipped: (runs) => told.push(`skipped ${JSON.stringify(runs)}`),
    attached: async (modules) => {
      told.push(`attached ${[...modules.keys()].join(' ')}`);
    },
    failed: (why) => told.push(`failed: ${why}`),
  });
  return { kernel, again, told };
}

describe('modules that come while a trace runs', () => {
  test('are traced, and what the kernel skipped of it is asked for', async () => {
    const { kernel, again, told } = attaching('comes', attached());
    again.look();
    kernel.load('m');
    again.look();
    await expect.poll(() => told, PATIENT).toEqual(['attached m']);
    await again.stop();
    expect(told).toEqual(['attached m', 'skipped {}']);
  });

  test('are attached once, and together, when one comes while the kernel is read for the other', async () => {
    let isRead = false;
    const { kernel, again, told } = attaching('between', attached(), (its) => {
      if (!isRead) its.load('n');
      isRead = true;
    });
    kernel.load('m');
    again.look();
    await expect
      .poll(() => told.map((line) => line.split(' ').toSorted()), PATIENT)
      .toEqual([['attached', 'm', 'n']]);
    await again.stop();
    expect(told).toHaveLength(2);
  });

  test('are not traced any more when their bpftrace dies, and that is told', async () => {
    const { kernel, again, told } = attaching('dies', attached('[ $((i += 1)) -lt 20 ] || kill -KILL $$'));
    kernel.load('m');
    again.look();
    await expect
      .poll(() => told, PATIENT)
      .toEqual([
        'attached m',
        'failed: the functions of m are not traced any more: bpftrace was ended by SIGKILL',
      ]);
    await again.stop();
  });

  test('that came since the last look are told at the end', async () => {
    const { kernel, again, told } = attaching('last', attached());
    again.look();
    kernel.load('n');
    await again.stop();
    expect(told).toEqual(['attached n']);
  });

  test('do not hold up the end while a bpftrace attaches', async () => {
    const { kernel, again, told } = attaching('slow', 'sleep 600');
    kernel.load('m');
    again.look();
    const asked = performance.now();
    await again.stop();
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(told).toEqual(['attached m']);
  });

  test('are told at the end when that comes while the kernel is read', async () => {
    let read = (): void => {};
    const { kernel, again, told } = attaching('ends', 'sleep 600', () => {
      return new Promise((resolve) => {
        read = resolve;
      });
    });
    kernel.load('m');
    again.look();
    const stopped = again.stop();
    read();
    await stopped;
    expect(told).toEqual(['attached m']);
  });

  test('may fail to attach, unless they have gone', async () => {
    const { kernel, again, told } = attaching('fails', 'echo no such function >&2; exit 1');
    kernel.load('m');
    again.look();
    await expect
      .poll(() => told, PATIENT)
      .toEqual(['failed: the functions of m are not traced any more: no such function']);
    kernel.unload('m');
    again.look();
    await again.stop();
    expect(told).toHaveLength(1);
  });
});
