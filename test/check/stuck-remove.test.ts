import { expect, test } from 'vitest';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { judge, nth, TWO, WHOLE } from './judge.ts';

/** It stands since before the first event of a kind, to the end of the recording. */
const stands = (what: UmapEvent['what']) => ({
  change: (events: readonly UmapEvent[]) => events.slice(0, events.indexOf(nth(events, what))),
  facts: { ...WHOLE, end: 60e9 },
});

test('a removal that stands: who, for how long, whom it may wait for, and what would prove a deadlock', () => {
  const outcome = judge(`${TWO} remove`, stands('zap'));
  expect(outcome.verdict).toBe('inconclusive');
  const rules = outcome.findings.filter(({ severity }) => severity === 'warning').map(({ rule }) => rule);
  expect(rules).toEqual(['slow-disassociate', 'stuck-remove']);
  const reset = judge(`${TWO} reset`, stands('zap'));
  expect(reset.findings.filter(({ severity }) => severity === 'warning').map(({ rule }) => rule)).toEqual([
    'slow-disassociate',
  ]);
  const waits = outcome.missing.find(({ rule }) => rule === 'lock-inversion');
  expect(waits?.what).toMatch(/waiting for the mm of pid 1 .*, pid 2/);
  expect(waits?.how).toContain('/proc/PID/stack');
});

test('names who holds the device', () => {
  const outcome = judge('P1 open U1 | P1 mmap A 1p rxe | remove', stands('teardown_begin'));
  expect(outcome.findings[0]).toMatchObject({ rule: 'stuck-remove', severity: 'warning', ufile: 'U1' });
  expect(outcome.findings[0]?.message).toMatch(/U1 \(held by pid 1 \(p1\): 1 VMA; opened by pid 1 /);
});
