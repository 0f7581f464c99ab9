import { afterAll, describe, expect, test } from 'vitest';
import { Bpftrace } from '../../src/capture/bpftrace.ts';
import { fakeBpftrace } from './fake.ts';

const fake = fakeBpftrace();
afterAll(() => fake.remove());

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
