import { expect, test } from 'vitest';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { judge, short } from './judge.ts';

const mapped =
  (pfn: number, ...ranges: (readonly [number, number])[]) =>
  (events: readonly UmapEvent[]): UmapEvent[] => {
    const ram = ranges.map(
      ([first, frames]): UmapEvent => ({
        ...{ what: 'ram', n: 900, ns: 0, cpu: 0, seq: 0, pid: 1, tid: 1, comm: 'umaptrace' },
        ...{ pfn: first, frames },
      }),
    );
    const io = (event: UmapEvent): UmapEvent =>
      event.what === 'mmap' ? { ...event, flags: '140444fb', pfn } : event;
    return [...ram, ...events.map(io)];
  };
const outcomeOf = (change: ReturnType<typeof mapped>) =>
  judge('P1 open U1 | P1 mmap A 1p | P1 mmap B 1p siw | remove', { change });

test('tells a mapping of what is not System RAM', () => {
  const outcome = outcomeOf(mapped(0xfea00, [0x100, 0x7ff00]));
  expect(short(outcome)).toBe('pass | untracked-io warning V2');
  expect(outcome.findings[0]?.message).toMatch(/not System RAM \(pfn 0xfea00\): no disassociation can/);
});

test("says nothing of a mapping of the host's memory", () => {
  const outcome = outcomeOf(mapped(0x7ffff, [0x100, 0x7ff00]));
  expect(short(outcome)).toBe('pass');
  expect(outcome.missing).toEqual([]);
});

test.each([
  ['its page frames are not recorded', mapped(0, [0x100, 0x7ff00])],
  ['what is System RAM is not recorded', mapped(0xfea00)],
])('lacks evidence: %s', (what, change) => {
  expect(outcomeOf(change).missing).toMatchObject([
    { rule: 'untracked-io', decides: false, what: expect.stringContaining(what) },
  ]);
});

test('says what it would have to know, and the verdict does not hang on it', () => {
  const change = (events: readonly UmapEvent[]): UmapEvent[] =>
    events.map((event) => (event.what === 'mmap' ? { ...event, flags: '140444fb' } : event));
  const outcome = judge('P1 open U1 | P1 mmap A 1p | P1 mmap B 1p siw | remove', { change });
  expect(outcome.verdict).toBe('pass');
  expect(outcome.missing).toMatchObject([{ rule: 'untracked-io', decides: false }]);
  const many = judge(`P1 open U1 | P1 mmap A 1p |${' P1 mmap B 1p siw |'.repeat(250)} remove`, { change });
  expect(many.verdict).toBe('pass');
  expect(many.missing.at(-1)).toMatchObject({
    what: '50 more of the same kind, not shown',
    decides: false,
  });
});

test.each([
  ['VM_IO', '4000'],
  ['VM_PFNMAP', '400'],
])('%s alone is not the look of device memory', (_, flags) => {
  const change = (events: readonly UmapEvent[]): UmapEvent[] =>
    events.map((event) => (event.what === 'mmap' ? { ...event, flags } : event));
  const outcome = judge('P1 open U1 | P1 mmap A 1p | P1 mmap B 1p siw | remove', { change });
  expect(short(outcome)).toBe('pass');
  expect(outcome.missing).toEqual([]);
});
