import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventDecoder, encodeEvent } from '../../src/event/codec.ts';
import { FIELD_TYPES } from '../../src/event/declaration.ts';
import { Origin } from '../../src/event/event.ts';
import { EVENTS } from '../../src/event/events.gen.ts';

const BOOT = 200n * 86_400n * 1_000_000_000n; // 200 days: more than 2^53 ns
const origin = new Origin(BOOT);
const decoder = new EventDecoder(origin);

/** One line of rdma_umap_close as 6.12 told it. */
const CLOSE =
  'C 1 19 5b482f2c8 de df 67756c706e75 0 ff36582153fda8f0 ff3658214105e880 7fef0a5f6000 7fef0a5fa000 ff36582153d9a800 0 ff36582153d90000';

describe('EventDecoder', () => {
  it('reads a line', () => {
    expect(new EventDecoder(new Origin(0x5b482f2c0n)).decode(CLOSE, 7)).toEqual({
      what: 'umap_close',
      n: 7,
      ns: 8,
      cpu: 1,
      seq: 0x19,
      pid: 0xde,
      tid: 0xdf,
      comm: 'unplug',
      vma: 'ff36582153fda8f0',
      mm: 'ff3658214105e880',
      start: 0x7fef0a5f6000,
      end: 0x7fef0a5fa000,
      umap: 'ff36582153d9a800',
      users: 0,
      ufile: 'ff36582153d90000',
    });
  });

  it('keeps every nanosecond after 200 days', () => {
    const line = CLOSE.replace('5b482f2c8', (BOOT + 123_456_789_123_457n).toString(16));
    expect(decoder.decode(line, 1)?.ns).toBe(123_456_789_123_457);
  });

  it('reads a negative errno whatever the upper half of the register holds', () => {
    const open = (ret: string) => decoder.decode(`FO 0 1 0 1 1 0 0 ${ret} 0 e7000c0 1`, 1);
    expect(open('fffffff3')).toMatchObject({ ret: -13 });
    expect(open('fffffffffffffff3')).toMatchObject({ ret: -13 });
  });

  it.each([
    ['an unknown tag', CLOSE.replace('C ', 'QQ ')],
    ['a missing field', CLOSE.slice(0, CLOSE.lastIndexOf(' '))],
    ['one field too many', `${CLOSE} 0`],
    ['a word that is too long', CLOSE.replace('ff36582153d9a800', '1ff36582153d9a800')],
    ['capital digits', CLOSE.replace('de', 'DE')],
    ['two blanks', CLOSE.replace(' de ', '  de ')],
    ['a carriage return', `${CLOSE}\r`],
    ['nothing', ''],
  ])('refuses %s', (_, line) => {
    expect(decoder.decode(line, 1)).toBeUndefined();
  });

  it('reads lines of older formats, which may end before newer fields, and refuses such of the newest', () => {
    const whole = 'N 0 1 0 1 1 0 0 0 f1 e7000c0 f2 f3 1000 2000 0 fb 0 0 7 9 a';
    const without = (words: number) => whole.split(' ').slice(0, -words).join(' ');
    const old = new EventDecoder(origin, 1);
    expect(old.decode(whole, 1)).toMatchObject({ owner: 7, pfn: 9, cgroup: 10 });
    expect(old.decode(without(2), 1)).toMatchObject({ private: '0', owner: 7, pfn: 0, cgroup: 0 });
    expect(old.decode(without(3), 1)).toMatchObject({ private: '0', owner: 0, pfn: 0, cgroup: 0 });
    expect(old.decode(without(4), 1)).toBeUndefined();
    expect(old.decode(`${whole} 0`, 1)).toBeUndefined();
    expect(decoder.decode(without(1), 1)).toBeUndefined();
  });

  it('does not take words of the next line for missing fields', () => {
    const line = 'N 0 1 0 1 1 0 0 0 f1 e7000c0 f2 f3 1000 2000 0 fb 0 0';
    const bytes = Buffer.from(`${line}\n1 2 3 4\n`);
    const event = new EventDecoder(origin, 1).see(bytes, 0, line.length, 1)?.event;
    expect(event).toMatchObject({ what: 'mmap', owner: 0, pfn: 0 });
  });

  it('gives back what was encoded, for every event', () => {
    const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => value.toString(16));
    const head = fc.tuple(word, word, word, word, word, word, word);
    for (const { tag, fields } of EVENTS) {
      const words = fields.reduce((sum, { type }) => sum + FIELD_TYPES[type].words, 0);
      const line = fc.tuple(head, fc.array(word, { minLength: words, maxLength: words }));
      fc.assert(
        fc.property(line, ([h, f]) => {
          const event = decoder.decode([tag, ...h, ...f].join(' '), 3);
          expect(event).toBeDefined();
        }),
        { numRuns: 20 },
      );
    }
    const event = decoder.decode(CLOSE, 3);
    expect(event && decoder.decode(encodeEvent(event, origin), 3)).toEqual(event);
  });

  it('reads a comm of any bytes', () => {
    const line = (a: string, b: string) => CLOSE.replace('67756c706e75 0', `${a} ${b}`);
    expect(decoder.decode(line('33203220310a4d78', '0'), 1)?.comm).toBe('xM\n1 2 3');
    expect(decoder.decode(line('ff', '0'), 1)?.comm).toBe('\u00ff');
  });
});
