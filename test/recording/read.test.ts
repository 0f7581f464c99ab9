import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordingItem } from '../../src/recording/item.ts';
import { RecordingReader, readRecording } from '../../src/recording/read.ts';
import { UserError } from '../../src/user-error.ts';
import { type WholeItem, whole } from './items.ts';
import { older, unknowing } from './older.ts';
import { device, HEADER, open, Sample } from './sample.ts';
import { unplug } from './unplug.ts';

const tracer = { pid: 300, comm: 'umaptrace' };

function read(...chunks: readonly (string | Buffer)[]): WholeItem[] {
  const reader = new RecordingReader();
  const items = chunks.flatMap((chunk) => reader.push(Buffer.from(chunk)));
  return whole([...items, ...reader.end()]);
}

/** Items, or the sentence with which the bytes were refused. */
function outcome(...chunks: readonly (string | Buffer)[]): WholeItem[] | string {
  try {
    return read(...chunks);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

const kinds = (items: readonly WholeItem[]): string[] => items.map(({ kind }) => kind);
const sample = (): Sample => new Sample().tell(0, tracer, device());

describe('RecordingReader', () => {
  it('tells losses by a full map from others', () => {
    const text = sample().line('{"lost":{"boot":"1000000000000","count":7,"map":true}}\n').end(10).text;
    expect(read(text)[2]).toEqual({ kind: 'lost', boot: 1_000_000_000_000n, count: 7, map: true });
  });

  it('reads what a trace is made of', () => {
    const text = sample()
      .line('{"mark":{"boot":"1000000000000","wall":"1763812800000000000","events":1}}\n')
      .line('{"lost":{"boot":"1000000000000","count":7}}\n')
      .line('{"note":{"text":"the disk was slow"}}\n')
      .tell(5, tracer, open())
      .end(10).text;
    const items = read(text);
    expect(kinds(items)).toEqual(['header', 'event', 'mark', 'lost', 'note', 'event', 'total', 'footer']);
    expect(items[3]).toEqual({ kind: 'lost', boot: 1_000_000_000_000n, count: 7 });
    expect(items[5]).toMatchObject({
      event: { n: 2, ns: 5000, pid: 300, comm: 'umaptrace', what: 'ufile_open' },
    });
    expect(items[6]).toEqual({ kind: 'total', cpu: 0, count: 2 });
    expect(items[7]).toMatchObject({ footer: { complete: true, events: 2, missed: { 'fentry/fexit': 0 } } });
  });

  it('reads what plain bpftrace prints around the events', () => {
    const text = `Attaching 21 probes...\n\n${sample().text}Attached 21 probes\n\n\n@n[0]: 1\n@opening[17]: 0\nLost 3 events\n`;
    expect(kinds(read(text))).toEqual(['header', 'event', 'total', 'lost']);
  });

  it('names unreadable lines by number', () => {
    const text = sample()
      .line('M 1 2 3\n')
      .line('\0\0\0\n')
      .line('{"mark":{}}\n')
      .line('{"mark\n')
      .line('{}\n')
      .line('{"constructor":{"kind":"footer"}}\n').text;
    expect(read(text).slice(2)).toEqual([
      { kind: 'unreadable', line: 3, reason: 'not an event' },
      { kind: 'unreadable', line: 4, reason: 'NUL bytes' },
      { kind: 'unreadable', line: 5, reason: 'JSON of an unknown form' },
      { kind: 'unreadable', line: 6, reason: 'broken JSON' },
      { kind: 'unreadable', line: 7, reason: 'JSON of an unknown form' },
      { kind: 'unreadable', line: 8, reason: 'JSON of an unknown form' },
    ]);
  });

  it('gives the header first, whatever stands before it', () => {
    const text = `ERROR: something\nLost 3 events\n${sample().text}`;
    expect(kinds(read(text))).toEqual(['header', 'unreadable', 'lost', 'event']);
  });

  it('does not take a second header', () => {
    const items = read(sample().text + sample().text);
    expect(kinds(items)).toEqual(['header', 'event', 'unreadable', 'event']);
    expect(items[2]).toMatchObject({ reason: 'a second header' });
  });

  it('does not trust an event that was cut off, though it looks like one', () => {
    const { text } = sample();
    for (const cut of [1, 2, 10]) {
      expect(read(text.slice(0, -cut)).at(-1)).toEqual({ kind: 'unreadable', line: 2, reason: 'cut off' });
    }
  });

  it('takes a last line of JSON without its newline', () => {
    expect(kinds(read(sample().end(10).text.trimEnd())).at(-1)).toBe('footer');
  });

  it('skips and counts a line that is longer than any, in bounded pieces', () => {
    const items = read(
      sample().text,
      ...Array.from({ length: 100 }, () => 'M'.repeat(10_000)),
      '\n',
      '@n[0]: 9\n',
    );
    expect(items.slice(2)).toEqual([
      { kind: 'unreadable', line: 3, reason: 'longer than any line of a recording' },
      { kind: 'total', cpu: 0, count: 9 },
    ]);
  });

  it.each([
    ['', 'it is empty'],
    ['\n\n', 'no header was found'],
    ['hello\n', 'no header was found'],
    [`${'hello\n'.repeat(200)}`, 'no header was found'],
    ['{"umaptrace":"recording","format":1}\n', 'its header is damaged (origin)'],
    ['{"umaptrace":"something"}\n', 'no header was found'],
    ['\x7fELF\x02\x01\x01\0\0\0', 'no header was found'],
  ])('refuses %j with a sentence', (text, reason) => {
    expect(outcome(text)).toBe(`this is not a recording of umaptrace: ${reason}`);
  });

  it('does not go on looking for a header in what has no lines', () => {
    const reader = new RecordingReader();
    const push = (): void => {
      for (let i = 0; i < 100; i++) reader.push(Buffer.alloc(1 << 16));
    };
    expect(push).toThrow(/no header was found/);
  });

  it('refuses a newer format, and says what reads it', () => {
    const newer = `${JSON.stringify({ ...HEADER, format: 3 })}\n`;
    expect(outcome(newer)).toBe('this recording has format 3; this umaptrace reads up to format 2');
    expect(() => read(newer)).toThrow(
      expect.objectContaining({ exitCode: 2, hint: expect.stringContaining('newer') }),
    );
  });

  it('reads older formats: what they could not know is not known', () => {
    const { text } = unplug();
    const old = older(text, 1);
    expect(old.length).toBeLessThan(text.length);
    const events = (recording: string): WholeItem[] =>
      read(recording).filter(({ kind }) => kind !== 'header');
    expect(events(old)).toEqual(events(unknowing(text, 1)));
    expect(kinds(events(old))).not.toContain('unreadable');
  });

  it('gives the same items in whatever chunks the bytes come', () => {
    const { bytes } = unplug();
    const anyBytes = fc.oneof(
      fc
        .uint8Array({ maxLength: 300 })
        .map((tail) => Buffer.concat([bytes.subarray(0, 2000), tail, bytes.subarray(2000)])),
      fc.uint8Array({ maxLength: 300 }).map((all) => Buffer.from(all)),
      fc.nat(bytes.length).map((cut) => bytes.subarray(0, cut)),
      fc.array(fc.nat(bytes.length - 1), { maxLength: 20 }).map((places) => {
        const flipped = Buffer.from(bytes);
        for (const place of places) flipped[place] = (flipped[place] ?? 0) ^ 1;
        return flipped;
      }),
    );
    fc.assert(
      fc.property(anyBytes, fc.array(fc.nat(4000), { maxLength: 10 }), (all, cuts) => {
        const places = [0, ...cuts.map((cut) => Math.min(cut, all.length)).sort((a, b) => a - b), all.length];
        const chunks = places.slice(1).map((to, i) => all.subarray(places[i], to));
        expect(outcome(...chunks)).toEqual(outcome(all));
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});

describe('readRecording', () => {
  it('yields a batch for each chunk that completes lines, the header first', async () => {
    const { bytes } = unplug();
    const batches: RecordingItem[][] = [];
    for await (const batch of readRecording([
      bytes.subarray(0, 100),
      bytes.subarray(100, 3000),
      bytes.subarray(3000),
    ])) {
      batches.push(batch);
    }
    expect(batches[0]?.[0]?.kind).toBe('header');
    expect(whole(batches.flat())).toEqual(read(bytes));
  });
});
