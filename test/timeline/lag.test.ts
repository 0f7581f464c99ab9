import { expect, test } from 'vitest';
import { Lag } from '../../src/timeline/lag.ts';

const S = 1e9;

test('the most counts at once, and what is less does not lower it', () => {
  const lag = new Lag();
  lag.see(8 * S, 10 * S);
  lag.see(0.1 * S, 11 * S);
  expect(lag.most).toBe(8 * S);
});

test('it counts while bpftrace may not have come back to the same buffer, and no longer', () => {
  const lag = new Lag();
  lag.see(8 * S, 10 * S);
  for (let now = 10; now <= 26; now++) lag.see(0, now * S);
  expect(lag.most).toBe(8 * S);
  for (let now = 27; now <= 60; now++) lag.see(0, now * S);
  expect(lag.most).toBe(0);
});

test('one that comes again and again goes on counting', () => {
  const lag = new Lag();
  for (let now = 10; now < 200; now++) {
    lag.see(now % 5 === 0 ? 4 * S : 0, now * S);
    if (now > 10) expect(lag.most).toBe(4 * S);
  }
});
