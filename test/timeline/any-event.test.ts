import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventDecoder } from '../../src/event/codec.ts';
import { Origin } from '../../src/event/event.ts';
import { EVENTS, type UmapEvent } from '../../src/event/events.gen.ts';
import { Timeline } from '../../src/timeline/timeline.ts';
import { runs } from './seed.ts';

/** A word for a field: few pointers and addresses, so that events are about the same things. */
const word = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 6 }).map((i) => i.toString(16)) },
  { weight: 2, arbitrary: fc.nat({ max: 12 }).map((page) => (page * 4096).toString(16)) },
  { weight: 1, arbitrary: fc.constantFrom('ffffffea', 'ffffffffffffffff', '400', '4400', '10000000') },
);

const STR32_WORDS = 4;
const decoder = new EventDecoder(new Origin(0n));

/** Any event that a recording can hold, sense or none. */
const event: fc.Arbitrary<UmapEvent> = fc
  .tuple(fc.constantFrom(...EVENTS), fc.array(word, { minLength: 40, maxLength: 40 }), fc.nat({ max: 3 }))
  .map(([{ tag, fields }, words, tid]) => {
    const size = fields.reduce((sum, { type }) => sum + (type === 'str32' ? STR32_WORDS : 1), 0);
    const head = { n: 0, ns: 0, cpu: 0, seq: 1, pid: tid >> 1, tid, comm: 'any' };
    const line = [tag, ...Array.from({ length: 7 }, () => '0'), ...words.slice(0, size)];
    const event = decoder.decode(line.join(' '), 0);
    return { ...(event ?? { what: 'ready', probe: 0 }), ...head };
  });

/** Throws unless everything that is listed is alive, and everything alive is listed. */
function consistent(timeline: Timeline): void {
  const live = new Set(timeline.live());
  const listed = timeline.ufiles.flatMap(({ vmas }) => [...vmas]);
  expect(listed.length).toBe(live.size);
  for (const vma of listed) {
    expect(live.has(vma)).toBe(true);
    expect([...vma.mm.vmas].filter((of) => of === vma)).toHaveLength(1);
    expect([vma.ended, vma.state === 'closed']).toEqual([null, false]);
  }
}

test('no event makes it throw, or leaves it inconsistent', { timeout: 600_000 }, () => {
  const check = (events: readonly UmapEvent[]): void => {
    const timeline = new Timeline();
    for (const [i, one] of events.entries()) {
      timeline.apply({ ...one, n: i + 1, ns: i * 90_000_000 });
      consistent(timeline);
    }
    timeline.finish();
    consistent(timeline);
  };
  fc.assert(fc.property(fc.array(event, { maxLength: 60, size: 'max' }), check), runs(0.05));
});
