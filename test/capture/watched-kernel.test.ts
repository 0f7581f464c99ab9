import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ModuleWatch } from '../../src/capture/modules.ts';
import { WatchedKernel } from '../../src/capture/watched-kernel.ts';
import type { Kernel } from '../../src/plan/kernel.ts';

const sysModule = mkdtempSync(join(tmpdir(), 'umaptrace-modules-'));
afterAll(() => rmSync(sysModule, { recursive: true }));

function load(module: string): void {
  mkdirSync(join(sysModule, module));
  writeFileSync(join(sysModule, module, 'initstate'), 'live\n');
}

/** A kernel whose release tells how often it has been read. @param reading happens meanwhile */
function watching(reading: (times: number) => void = () => {}) {
  let times = 0;
  const read = async (): Promise<Kernel> => {
    const release = String(++times);
    await new Promise(setImmediate);
    reading(times);
    return {
      ...{ release, arch: 'x86_64', hostname: 'lab', bootId: '', preemptible: false, hostPids: true },
      ...{ moduleTypes: true, symbol: () => undefined, offset: () => undefined, parameters: () => undefined },
    };
  };
  return new WatchedKernel(() => read, new ModuleWatch(['m', 'n', 'o'], sysModule));
}

test('a kernel is read once as long as no module comes or goes', async () => {
  const watched = watching();
  expect([(await watched.now()).release, (await watched.now()).release]).toEqual(['1', '1']);
  expect(watched.isAnew).toBe(false);
  load('m');
  expect((await watched.now()).release).toBe('2');
  expect(watched.isAnew).toBe(true);
});

test('it is read again when a module came while it was read, for all who asked', async () => {
  const watched = watching((times) => {
    if (times === 1) load('n');
  });
  const asked = await Promise.all([watched.now(), watched.now()]);
  expect(asked.map(({ release }) => release)).toEqual(['2', '2']);
});

test('reading begins at once, and goes on when it is asked for', async () => {
  const steps: string[] = [];
  const begin = () => {
    steps.push('begun');
    return async (): Promise<never> => {
      steps.push('asked');
      throw new Error('no types');
    };
  };
  const watched = new WatchedKernel(begin, new ModuleWatch([], sysModule));
  expect(steps).toEqual(['begun']);
  await expect(watched.now()).rejects.toThrow('no types');
  expect(steps).toEqual(['begun', 'asked']);
});

test('what goes wrong is told to who asks', async () => {
  const watched = watching(() => {
    throw new Error('no types');
  });
  await expect(watched.now()).rejects.toThrow('no types');
});
