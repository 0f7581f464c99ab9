/** What rules.test.ts does not hold of zap-short: its edges. */
import { expect, test } from 'vitest';
import type { UmapEvent, ZapEvent } from '../../src/event/events.gen.ts';
import { judge, lost, renumber, short } from './judge.ts';

const TEXT = 'P1 open U1 | P1 mmap A 4p | remove';

const changeZap =
  (how: (event: ZapEvent) => Partial<ZapEvent>) =>
  (events: readonly UmapEvent[]): UmapEvent[] =>
    events.map((event) => (event.what === 'zap' ? { ...event, ...how(event) } : event));

test('a zap of the right size at another place is not inside the VMA', () => {
  const outcome = judge(TEXT, { change: changeZap(({ address }) => ({ address: address + 4096 })) });
  expect(short(outcome)).toBe('violation | zap-short violation V1');
  expect(outcome.findings[0]?.message).toContain('not inside the VMA');
});

test('a VMA that is VM_MIXEDMAP can be zapped', () => {
  expect(short(judge(TEXT, { change: changeZap(() => ({ flags: '10000000' })) }))).toBe('pass');
});

test('a second zap does not mend the first', () => {
  const twice = (event: UmapEvent): UmapEvent[] =>
    event.what === 'zap' ? [{ ...event, size: event.size / 2 }, event] : [event];
  const change = (events: readonly UmapEvent[]): UmapEvent[] => renumber(events.flatMap(twice));
  expect(judge(TEXT, { change }).findings.map(({ rule }) => rule)).toContain('zap-short');
});

test('whatever was lost since its disassociation began can explain it', () => {
  const half = changeZap(({ size }) => ({ size: size / 2 }));
  const change = (events: readonly UmapEvent[]): UmapEvent[] =>
    half(lost(({ what }) => what === 'teardown_begin')(events));
  expect(short(judge(TEXT, { change: half }))).toBe('violation | zap-short violation V1');
  expect(short(judge(TEXT, { change }))).toBe('inconclusive');
});
