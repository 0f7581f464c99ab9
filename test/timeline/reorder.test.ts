import { expect, test } from 'vitest';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { Reorder } from '../../src/timeline/reorder.ts';

let ordinal = 0;

/** `ns@cpu`, with `u` for an event of user space. */
function event(text: string): UmapEvent {
  const [, ns = '0', cpu = '0', user = ''] = /^(\d+)@(\d+)(u?)$/.exec(text) ?? [];
  ordinal += 1;
  const head = { n: ordinal, ns: Number(ns), cpu: Number(cpu), seq: user === 'u' ? 0 : ordinal };
  return { ...head, pid: 1, tid: 1, comm: 'p1', what: 'ready', probe: 0 };
}

const print = (events: readonly UmapEvent[]): string =>
  events.map(({ ns, cpu, seq }) => `${ns}@${cpu}${seq === 0 ? 'u' : ''}`).join(' ');

/** What comes out for each event that goes in, and at the flush. */
function run(reorder: Reorder<UmapEvent>, text: string): string[] {
  const out = text.split(' ').map((one) => print(reorder.push(event(one))));
  return [...out, print(reorder.flush())];
}

test('an event is given out once none can come before it', () => {
  expect(run(new Reorder<UmapEvent>(10), '100@0 105@1 111@0 120@1')).toEqual([
    '',
    '',
    '100@0',
    '105@1',
    '111@0 120@1',
  ]);
});

test('events of several CPUs are merged', () => {
  const out = run(new Reorder<UmapEvent>(100), '10@0 20@0 30@0 5@1 25@1 200@2').join(' ');
  expect(out.trim().replaceAll(/ +/g, ' ')).toBe('5@1 10@0 20@0 25@1 30@0 200@2');
});

test('what user space tells now does not hurry what the kernel told before', () => {
  const out = run(new Reorder<UmapEvent>(10), '100@0 900@0u 105@1 103@0 104@1');
  expect(out).toEqual(['', '', '', '', '', '100@0 103@0 104@1 105@1 900@0u']);
});

test('at the same time, the order is that of CPUs, then of arrival', () => {
  const reorder = new Reorder<UmapEvent>(100);
  const events = ['7@1', '7@0', '7@0', '7@2'].map(event);
  for (const one of events) reorder.push(one);
  expect(reorder.flush()).toEqual([events[1], events[2], events[0], events[3]]);
});

test('a small inversion within a CPU is mended', () => {
  expect(run(new Reorder<UmapEvent>(100), '10@0 30@0 20@0 40@0').join(' ').trim()).toBe(
    '10@0 20@0 30@0 40@0',
  );
});

test('an event later than the window is given out at once, and counted', () => {
  const reorder = new Reorder<UmapEvent>(10);
  const out = run(reorder, '100@0 120@0 130@0 90@1 140@0');
  expect(out).toEqual(['', '100@0', '', '90@1', '120@0', '130@0 140@0']);
  expect(reorder.late).toBe(1);
});

test('events of user space take part, in no order with the CPU that they name', () => {
  expect(run(new Reorder<UmapEvent>(100), '50@0u 10@0 20@0 30@0u').join(' ').trim()).toBe(
    '10@0 20@0 30@0u 50@0u',
  );
});

test('release gives out what is older, whatever the window', () => {
  const reorder = new Reorder<UmapEvent>(1_000_000);
  for (const text of ['10@0', '20@1', '30@0']) reorder.push(event(text));
  expect(print(reorder.release(30))).toBe('10@0 20@1');
  expect(reorder.size).toBe(1);
});

test('what is held back is bounded', () => {
  const reorder = new Reorder<UmapEvent>(1_000_000, 2);
  expect(run(reorder, '10@0 20@1 30@0 40@0')).toEqual(['', '', '10@0', '20@1', '30@0 40@0']);
});

test('many CPUs, each late in its own way', () => {
  const reorder = new Reorder<UmapEvent>(2_000);
  const ordered = Array.from({ length: 20_000 }, (_, i) => event(`${i * 10}@${(i * 7) % 64}`));
  const arrived = ordered.toSorted((a, b) => a.ns + ((a.cpu * 31) % 1990) - (b.ns + ((b.cpu * 31) % 1990)));
  const out = arrived.flatMap((one) => reorder.push(one)).concat(reorder.flush());
  expect(out).toEqual(ordered);
  expect(reorder.late).toBe(0);
});

test('events of one CPU that come the wrong way round are given out in the end, and counted', () => {
  const reorder = new Reorder<UmapEvent>(Number.POSITIVE_INFINITY);
  const arrived = Array.from({ length: 50_000 }, (_, i) => event(`${500_000 - i}@0`));
  const out = arrived.flatMap((one) => reorder.push(one)).concat(reorder.flush());
  expect(out).toHaveLength(arrived.length);
  expect(reorder.late).toBeGreaterThan(0);
});
