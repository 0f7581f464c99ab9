/** What `trace -o FILE` shows, on a terminal, of more events than it can show; bpftrace is a replay of a recording. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import * as v from 'valibot';
import type { Table } from './figures.ts';
import { recordingOf } from './read.ts';

const CHILD = fileURLToPath(new URL('live-child.ts', import.meta.url));
/** Events a second; the first is the goal. */
const RATES = [20_000, 60_000, 120_000];
const SECONDS = 15;
const MILLION = 1_000_000;

const replayed = v.object({ sent: v.number(), dropped: v.number(), longestMs: v.number() });
const used = v.object({ cpu: v.number(), megabytes: v.number() });

async function json(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}

/** Lines of the timeline, and lines that it says are not shown. */
function shownIn(screen: string): { shown: number; summarised: number } {
  const [timeline = ''] = stripVTControlCharacters(screen).split('\nSummary');
  const unshown = Array.from(timeline.matchAll(/^… ([\d,]+) lines? not shown/gm), ([, count = '']) =>
    Number(count.replaceAll(',', '')),
  );
  const lines = timeline.match(/^ *\+\d+\.\d+/gm) ?? [];
  return { shown: lines.length, summarised: unshown.reduce((sum, count) => sum + count, 0) };
}

/** Event lines that have a number, in a recording. */
const eventsIn = (recording: string): number => recording.match(/^[A-Z]{1,2} \w+ (?!0 )/gm)?.length ?? 0;

async function row(folder: string, recorded: string, rate: number): Promise<string[]> {
  const [output, report] = [join(folder, 'live.rec'), join(folder, 'report')];
  const words = [process.execPath, '--import', 'tsx', CHILD, recorded, String(rate), String(SECONDS)];
  const command = [...words, output, report].join(' ');
  const { stdout } = await execa('script', ['-qefc', command, join(folder, 'typescript')], {
    stdin: 'ignore',
  });
  const { sent, dropped, longestMs } = v.parse(replayed, await json(`${report}.replay`));
  const { cpu, megabytes } = v.parse(used, await json(report));
  const kept = eventsIn(await readFile(output, 'latin1'));
  const { shown, summarised } = shownIn(stdout);
  const count = (value: number): string => value.toLocaleString('en');
  return [
    ...[rate, sent + dropped, kept, sent + dropped - kept, shown, summarised].map(count),
    longestMs.toFixed(0),
    (cpu / SECONDS).toFixed(2),
    megabytes.toFixed(0),
  ];
}

/** Replays events at several rates into a live trace on a pseudo-terminal. */
export async function livePart(): Promise<Table> {
  const recorded = await recordingOf(MILLION);
  const folder = await mkdtemp(join(tmpdir(), 'umaptrace-live-'));
  const rows: string[][] = [];
  try {
    for (const rate of RATES) rows.push(await row(folder, recorded, rate));
  } finally {
    await rm(folder, { recursive: true });
  }
  return {
    part: 'live',
    about: `\`trace -o FILE\` on a pseudo-terminal, ${SECONDS} s at each rate; bpftrace is a replay (below).`,
    head: [
      'events a second',
      'events',
      'recorded',
      'lost',
      'lines shown',
      'lines counted instead',
      'bpftrace behind at most, ms',
      'processors used',
      'most memory, MB',
    ],
    rows,
  };
}
