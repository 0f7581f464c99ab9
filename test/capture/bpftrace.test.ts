import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { Bpftrace, WaitingBpftrace } from '../../src/capture/bpftrace.ts';
import { fakeBpftrace } from './fake.ts';

const fake = fakeBpftrace();
afterAll(() => fake.remove());

/** Whether there is such a process that has not ended. */
function isAlive(pid: number | undefined): boolean {
  try {
    process.kill(pid ?? 0, 0);
    return pid !== undefined;
  } catch {
    return false;
  }
}

/** A program that ends when it has been interrupted so many times. Node waits for its timer as bpftrace does for events. */
const endingAfter = (signals: number): string =>
  `exec '${process.execPath}' -e '
    let left = ${signals};
    process.on("SIGINT", () => { left -= 1; if (left === 0) process.exit(0); });
    setInterval(() => {}, 100);
    console.log("ready");'`;

describe('a bpftrace that is to end', () => {
  test.each([1, 2, 3])('does, also when it notices only the signal with the number %i', async (signals) => {
    let isReady = (): void => {};
    const ready = new Promise<void>((resolve) => {
      isReady = resolve;
    });
    const bpftrace = new Bpftrace(
      fake.bpftrace,
      { text: endingAfter(signals), readiness: [], env: {}, shared: false },
      { lines: async () => isReady(), lost: () => {} },
    );
    await ready;
    expect(await bpftrace.stop()).toMatchObject({ asked: true, status: 0, signal: undefined });
  });
});

describe('a bpftrace that waits for its program', () => {
  const program = { text: 'echo told; exec sleep 60', readiness: [], env: { WANTED: 'this' }, shared: true };

  /** Runs the program; who ran it, when it has told something. */
  async function running(waiting: WaitingBpftrace): Promise<Bpftrace> {
    let hear = (): void => {};
    const heard = new Promise<void>((resolve) => {
      hear = resolve;
    });
    const bpftrace = new Bpftrace(
      fake.bpftrace,
      program,
      { lines: async () => hear(), lost: () => {} },
      waiting,
    );
    await heard;
    return bpftrace;
  }

  test('is taken by a program that needs just what it was told', async () => {
    const waiting = new WaitingBpftrace(fake.bpftrace, { env: { WANTED: 'this' }, shared: true });
    const { pid } = waiting;
    const bpftrace = await running(waiting);
    expect(bpftrace.pid).toBe(pid);
    waiting.dismiss();
    expect(isAlive(pid)).toBe(true);
    await bpftrace.stop();
  });

  test('runs its program before it is taken by who has the same', async () => {
    const waiting = new WaitingBpftrace(fake.bpftrace, program);
    const { pid } = waiting;
    waiting.give(program);
    const bpftrace = await running(waiting);
    expect(bpftrace.pid).toBe(pid);
    await bpftrace.stop();
  });

  test('keeps what it says for who takes it', async () => {
    const speaking = {
      ...program,
      text: 'echo early; echo "ERROR: too early" >&2; echo said; sleep 2; exit 3',
    };
    const waiting = new WaitingBpftrace(fake.bpftrace, speaking);
    waiting.give(speaking);
    await sleep(1000);
    const blocks: Buffer[] = [];
    const listener = { lines: async (block: Buffer) => void blocks.push(block), lost: () => {} };
    const bpftrace = new Bpftrace(fake.bpftrace, speaking, listener, waiting);
    expect(await bpftrace.ended).toMatchObject({ status: 3, lastWords: ['ERROR: too early'] });
    expect(Buffer.concat(blocks).toString()).toBe('early\nsaid\n');
  });

  test.each([
    ['another program', { ...program, text: 'sleep 60' }],
    ['one that has ended', { ...program, text: 'exit 1' }],
  ])('is not taken with %s', async (_, other) => {
    const waiting = new WaitingBpftrace(fake.bpftrace, program);
    const { pid } = waiting;
    waiting.give(other);
    if (other.text.startsWith('exit')) await expect.poll(() => isAlive(pid)).toBe(false);
    const bpftrace = await running(waiting);
    expect(bpftrace.pid).not.toBe(pid);
    await bpftrace.stop();
    waiting.dismiss();
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test.each([
    ['environment', { env: {}, shared: true }],
    ['buffers', { env: { WANTED: 'this' }, shared: false }],
  ])('is not taken by one that needs another %s, and ends when it is dismissed', async (_, settings) => {
    const waiting = new WaitingBpftrace(fake.bpftrace, settings);
    const { pid } = waiting;
    const bpftrace = await running(waiting);
    expect(bpftrace.pid).not.toBe(pid);
    await bpftrace.stop();
    expect(isAlive(pid)).toBe(true);
    waiting.dismiss();
    await expect.poll(() => isAlive(pid)).toBe(false);
  });
});

describe('what a bpftrace says of itself', () => {
  const warning = "stdin:1:2-3: WARNING: Map full; can't update element.";
  const program = (text: string) => ({ text, readiness: [], env: {}, shared: true });

  test.each(['', ' >&2'])('is neither a line of its program nor its last words (%s)', async (where) => {
    const blocks: Buffer[] = [];
    const lost: unknown[] = [];
    const bpftrace = new Bpftrace(
      fake.bpftrace,
      program(`echo 'O 0 1 5'; echo "${warning}"${where}; echo 'U 0 2 6'; exit 1`),
      { lines: async (block) => void blocks.push(block), lost: (...loss) => lost.push(loss) },
    );
    expect(await bpftrace.ended).toMatchObject({ status: 1, lastWords: [] });
    expect(Buffer.concat(blocks).toString()).toBe('O 0 1 5\nU 0 2 6\n');
    expect(lost).toEqual([[1, 'map']]);
  });
});
