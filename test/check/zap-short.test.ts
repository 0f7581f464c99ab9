import { expect, test } from 'vitest';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { changeZap, judge, lost, renumber, short } from './judge.ts';

const text = 'P1 open U1 | P1 mmap A 4p | remove';

test('is not settled by page tables that could not be read', () => {
  const audits = [{ vma: 'V1' }, { vma: 'V1', device: 4 }];
  expect(short(judge(text, { audits }))).toBe('violation | zap-short violation V1');
  expect(short(judge(text, { audits: [{ vma: 'V1' }, { vma: 'V1', absent: 4 }] }))).toBe('pass');
});

test('is broken by half a zap', () => {
  const outcome = judge(text, { change: changeZap(({ size }) => ({ size: size / 2 })) });
  expect(short(outcome)).toBe('violation | zap-short violation V1');
  expect(outcome.findings[0]?.message).toContain('8192 bytes from');
});

test('is broken by a zap that reaches beyond the VMA', () => {
  const outcome = judge(text, { change: changeZap(({ size }) => ({ size: size * 2 })) });
  expect(outcome.findings[0]?.message).toContain('not inside the VMA');
});

test('is broken by a VMA that cannot be zapped', () => {
  const outcome = judge(text, { change: changeZap(() => ({ flags: '14040fb' })) });
  expect(outcome.findings[0]?.message).toContain('was not VM_PFNMAP');
});

test('has its last word from the page tables', () => {
  expect(short(judge(text, { audits: [{ vma: 'V1', absent: 4 }] }))).toBe('pass');
  expect(short(judge(text, { audits: [{ vma: 'V1', device: 1, absent: 3 }] }))).toBe(
    'violation | zap-short violation V1',
  );
});

test.each([
  [[], 'pid 1 (p1) may still reach the device'],
  [[{ vma: 'V1', device: 2, absent: 2 }], '2 of its 4 pages still map device memory 42.0 ms after it. pid 1'],
  [[{ vma: 'V1', unknown: 4 }], 'pid 1 (p1) may still reach the device'],
  [[{ vma: 'V1', absent: 4 }], 'All the same, 42.0 ms after it no page of pid 1'],
])('says of a short zap what the page tables do: %j', (audits, words) => {
  const outcome = judge(text, { audits, change: changeZap(({ size }) => ({ size: size / 2 })) });
  expect(short(outcome)).toBe('violation | zap-short violation V1');
  expect(outcome.findings[0]?.message).toContain(words);
});

test('does not mind what was missed before the disassociation', () => {
  const change = (events: readonly UmapEvent[]): UmapEvent[] =>
    changeZap(({ size }) => ({ size: size / 2 }))(lost((event) => event.what === 'ufile_open')(events));
  expect(judge(text, { change }).verdict).toBe('violation');
});

test('a zap of the right size at another place is not inside the VMA', () => {
  const outcome = judge(text, { change: changeZap(({ address }) => ({ address: address + 4096 })) });
  expect(short(outcome)).toBe('violation | zap-short violation V1');
  expect(outcome.findings[0]?.message).toContain('not inside the VMA');
});

test('a VMA that is VM_MIXEDMAP can be zapped', () => {
  expect(short(judge(text, { change: changeZap(() => ({ flags: '10000000' })) }))).toBe('pass');
});

test('a second zap does not mend the first', () => {
  const twice = (event: UmapEvent): UmapEvent[] =>
    event.what === 'zap' ? [{ ...event, size: event.size / 2 }, event] : [event];
  const change = (events: readonly UmapEvent[]): UmapEvent[] => renumber(events.flatMap(twice));
  expect(judge(text, { change }).findings.map(({ rule }) => rule)).toContain('zap-short');
});

test('whatever was lost since its disassociation began can explain it', () => {
  const half = changeZap(({ size }) => ({ size: size / 2 }));
  const change = (events: readonly UmapEvent[]): UmapEvent[] =>
    half(lost(({ what }) => what === 'teardown_begin')(events));
  expect(short(judge(text, { change: half }))).toBe('violation | zap-short violation V1');
  expect(short(judge(text, { change }))).toBe('inconclusive');
});

test('page tables that were clear once do not speak for what they map later', () => {
  const audits = [
    { vma: 'V1', absent: 4 },
    { vma: 'V1', device: 4 },
  ];
  expect(short(judge('P1 open U1 | P1 mmap A 4p | remove', { audits }))).toBe(
    'violation | zap-short violation V1',
  );
});
