/** Events removed from recordings at random: a verdict never rests on what is not there. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Finding, Outcome } from '../../src/check/finding.ts';
import { encodeEvent } from '../../src/event/codec.ts';
import { Origin } from '../../src/event/event.ts';
import { EVENTS, type UmapEvent } from '../../src/event/events.gen.ts';
import { RecordingReader } from '../../src/recording/read.ts';
import { JudgedView } from '../../src/report/judge.ts';
import { Replay } from '../../src/report/replay.ts';
import type { View } from '../../src/report/view.ts';
import { ORIGIN, Sample } from '../recording/sample.ts';
import { events as eventsOf } from '../timeline/sketch.ts';

const EVENT = /^[A-Z]{1,2} /;
const SILENT: View = { begin() {}, event() {}, trouble() {}, end() {} };

/** What the rules say of a recording, with the findings named by what the kernel named them. */
function check(lines: readonly string[]): Outcome & { readonly violations: string[] } {
  const places = new Map<string, string>();
  const spy: View = {
    ...SILENT,
    event: (_, changes) => {
      for (const change of changes) {
        if (change.what !== 'vma-born') continue;
        const { id, pointer, mm, start } = change.vma;
        places.set(id, `${mm.pointer} ${pointer} ${start}`);
      }
    },
  };
  const view = new JudgedView(() => spy);
  const replay = new Replay(view);
  const reader = new RecordingReader();
  replay.feed(reader.push(Buffer.from(lines.join('\n'), 'latin1')));
  replay.feed(reader.end());
  replay.finish();
  if (view.outcome === null) throw new Error('the rules said nothing');
  const name = ({ rule, vma }: Finding): string => `${rule} ${vma === null ? '' : places.get(vma)}`;
  const violations = view.outcome.findings.filter(({ severity }) => severity === 'violation').map(name);
  return { ...view.outcome, violations };
}

/** A recording of a sketch, with a bug of the kernel put in. */
function drawn(text: string, bug: (event: UmapEvent) => UmapEvent | null = (event) => event): string[] {
  const probes = EVENTS.map(({ name, functions }) => ({
    event: name,
    function: functions[0] ?? '',
    module: 'ib_uverbs',
    kind: 'fentry',
    attached: true,
  }));
  const [header = ''] = new Sample({ probes }).text.split('\n');
  const seqs = new Map<number, number>();
  const lines = eventsOf(text).flatMap((event) => {
    const made = bug(event);
    if (made === null) return [];
    if (made.what === 'audit')
      return [encodeEvent({ ...made, seq: 0, ns: made.ns * 10_000 }, new Origin(ORIGIN))];
    const seq = (seqs.get(made.cpu) ?? 0) + 1;
    seqs.set(made.cpu, seq);
    return [encodeEvent({ ...made, seq, ns: made.ns * 10_000 }, new Origin(ORIGIN))];
  });
  const totals = [...seqs].map(([cpu, total]) => `@n[${cpu}]: ${total}`);
  const moment = String(ORIGIN + 10_000_000_000n);
  const end = { complete: true, boot: moment, wall: moment, events: lines.length };
  return [header, ...lines, ...totals, JSON.stringify({ end }), ''];
}

const golden = (name: string): string[] => {
  const bytes = readFileSync(new URL(`../golden/recordings/${name}`, import.meta.url));
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1').split('\n');
};

const LIFE = 'P1 open U1 | P1 mmap A 4p | P1 mmap B 1p | P1 munmap A+1 1p | P1 fork P2 | P2 mremap B 1p C';
const noZapOfB = (event: UmapEvent): UmapEvent | null =>
  event.what === 'zap' && event.size === 4096 ? null : event;
const halfZap = (event: UmapEvent): UmapEvent =>
  event.what === 'zap' ? { ...event, size: event.size / 2 } : event;
const neverClosed = (event: UmapEvent): UmapEvent | null =>
  event.what === 'umap_close' && event.users === 0 ? null : event;

/** Recordings, their verdicts, and of how many variants of each. */
const RECORDINGS: readonly [name: string, lines: () => string[], verdict: string, variants: number][] = [
  ['unplug on 7.3', () => golden('unplug-7.3.rec'), 'pass', 200],
  ['lifecycle on 7.3', () => golden('lifecycle-7.3.rec'), 'vacuous', 100],
  ['chaos on 6.12', () => golden('chaos-6.12.rec.gz'), 'pass', 60],
  ['race-fork on 6.12', () => golden('race-fork-6.12.rec'), 'violation', 120],
  ['a removal', () => drawn(`${LIFE} | remove | P2 touch C | P1 exit | P2 exit`), 'pass', 150],
  [
    'resets and a recycled ufile',
    () =>
      drawn(
        `${LIFE} | reset | P1 mmap D 1p | reset | P1 exit | P2 exit | P3 open U2 | P3 mmap A 1p U2 | remove | P3 exit`,
      ),
    'pass',
    150,
  ],
  [
    'a copy in the window of a teardown, and its copies',
    () => drawn(`${LIFE} | removing | P1 fork P3 | P3 munmap A 1p | removed | audit | P3 fork P4 | audit`),
    'violation',
    200,
  ],
  [
    'a move in the window of a teardown, gone before the page tables were read',
    () =>
      drawn(`${LIFE} | removing | P1 mremap B 1p D | removed | P1 munmap D 1p | audit | P1 exit | P2 exit`),
    'inconclusive',
    100,
  ],
  [
    'page tables read after resets, with new mappings',
    () => drawn(`${LIFE} | reset | P1 mmap D 2p | audit | P1 fork P3 | reset | audit | P3 exit | P1 exit`),
    'pass',
    150,
  ],
  [
    'a kernel that skips VMAs',
    () => drawn(`${LIFE} | remove | P1 munmap B 1p | P1 exit | P2 exit`, noZapOfB),
    'violation',
    120,
  ],
  [
    'a kernel that zaps a half',
    () => drawn(`${LIFE} | remove | P1 exit | P2 exit`, halfZap),
    'violation',
    120,
  ],
  [
    'a kernel that closes nothing at exit',
    () => drawn(`${LIFE} | P2 exit | P1 exit`, neverClosed),
    'violation',
    100,
  ],
];

test('a thousand variants are tried', () => {
  expect(RECORDINGS.reduce((sum, [, , , variants]) => sum + variants, 0)).toBeGreaterThanOrEqual(1000);
});

describe.each(RECORDINGS)('%s', (_, read, verdict, variants) => {
  let lines: string[] = [];
  let whole: ReturnType<typeof check>;
  beforeAll(() => {
    lines = read();
    whole = check(lines);
  });

  test(`is ${verdict}`, () => {
    expect(whole.verdict).toBe(verdict);
    expect(whole.violations.length > 0).toBe(verdict === 'violation');
  });

  test('with events removed: never a pass, never a violation that the whole of it has not', () => {
    const places = lines.flatMap((line, i) => (EVENT.test(line) ? [i] : []));
    const kernels = new Set(places.filter((i) => lines[i]?.split(' ')[2] !== '0'));
    const gone = fc.oneof(
      fc.uniqueArray(fc.constantFrom(...places), { minLength: 1, maxLength: 4 }),
      fc.uniqueArray(fc.constantFrom(...places), { minLength: 1, maxLength: Math.ceil(places.length / 3) }),
      fc
        .tuple(fc.nat(places.length - 1), fc.integer({ min: 1, max: 12 }))
        .map(([at, count]) => places.slice(at, at + count)),
    );
    fc.assert(
      fc.property(gone, (removed) => {
        const without = new Set(removed);
        const part = check(lines.filter((__, i) => !without.has(i)));
        const isMissed = removed.some((i) => kernels.has(i));
        if (isMissed) expect(['inconclusive', 'violation']).toContain(part.verdict);
        for (const violation of part.violations) expect(whole.violations).toContain(violation);
      }),
      { numRuns: variants, seed: 1 },
    );
  });
});
