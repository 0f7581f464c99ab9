import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { now } from '../../src/capture/clock.ts';
import { Readiness } from '../../src/capture/ready.ts';

/** Readiness of a bpftrace that is asked so often before it answers, and then tells when it was asked. */
function answering(after: number, when: () => bigint): Readiness {
  let asked = 0;
  const readiness = new Readiness([0], () => {
    asked += 1;
    const line = `ZZ 0 1 2 3 4 5 6\nR 0 0 ${when().toString(16)} 1 1 0 0 0\n`;
    if (asked >= after) setTimeout(() => readiness.see(Buffer.from(line)), 5);
  });
  return readiness;
}

const caughtUp = (readiness: Readiness): Promise<boolean> => readiness.caughtUp(AbortSignal.timeout(3000));

test('bpftrace has caught up when it answers at once what it is asked', async () => {
  const readiness = answering(1, () => now().boot);
  expect(await caughtUp(readiness)).toBe(true);
  expect(readiness.proven).toBe(true);
});

test('a bpftrace that has told nothing yet is hardly asked', async () => {
  let asked = 0;
  const readiness = new Readiness([0], () => {
    asked += 1;
  });
  let begin = (): void => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const ends = new AbortController();
  const proving = readiness.prove(ends.signal, begun);
  await sleep(500);
  expect(asked).toBe(1);
  begin();
  await sleep(350);
  expect(asked).toBeGreaterThan(2);
  ends.abort();
  expect(await proving).toBe(false);
});

test('each answer is to a question of its own', async () => {
  let asked = 0;
  const readiness = answering(1, () => {
    asked += 1;
    return now().boot;
  });
  for (const questions of [3, 6]) {
    await caughtUp(readiness);
    expect(asked).toBe(questions);
  }
});

test('it has not while it answers what it was asked before', async () => {
  const { boot } = now();
  expect(await caughtUp(answering(1, () => boot - 1_000_000_000n))).toBe(false);
});

test('it is asked again when the answer found no room in its buffers', async () => {
  expect(await caughtUp(answering(2, () => now().boot))).toBe(true);
});

test('it has told all of before when it has answered often enough, though late', async () => {
  let asked = 0n;
  const readiness = new Readiness([0], () => {
    asked = now().boot;
    const line = `R 0 0 ${asked.toString(16)} 1 1 0 0 0\n`;
    setTimeout(() => readiness.see(Buffer.from(line)), 400);
  });
  const begun = performance.now();
  expect(await readiness.caughtUp(AbortSignal.timeout(20_000), 1500)).toBe(false);
  expect(performance.now() - begun).toBeGreaterThan(1500);
  expect(performance.now() - begun).toBeLessThan(20_000);
});
