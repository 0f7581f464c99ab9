/** How fast a recording is read, beside the floor and beside what others read of the same run. */
import { access, rename, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, ratios, spread, type Table } from './figures.ts';
import { writeRecording } from './generate.ts';
import { alternate, type Contender, type Cost } from './measure.ts';

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const SEED = file('../test/golden/recordings/chaos-6.12.rec.gz');
const UMAPTRACE = file('../bin/umaptrace.cjs');
const FLOOR = file('floor.js');
const BARE = file('bare.js');
const MILLION = 1_000_000;
/** Statuses of `check` say what the verdict is. */
const ANY_VERDICT = 3;

/** A recording of so many events; made when it is not there. */
export async function recordingOf(events: number): Promise<string> {
  const path = join(tmpdir(), `umaptrace-bench-${events}.rec`);
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (there) return path;
  const unfinished = `${path}.${process.pid}`;
  await writeRecording(SEED, events, unfinished);
  await rename(unfinished, path);
  return path;
}

/** A verb of umaptrace. */
export const umaptrace = (name: string, ...args: string[]): Contender => ({
  name,
  command: [process.execPath, UMAPTRACE, ...args],
  worst: ANY_VERDICT,
});

const verbs = (path: string): Contender[] => [
  umaptrace('check', 'check', path),
  umaptrace('report, summary', 'report', path, '--until', '0'),
  umaptrace('report --at', 'report', path, '--at', '+1s'),
  umaptrace('report, text', 'report', path),
  umaptrace('report, jsonl', 'report', path, '--format', 'jsonl'),
];

const cpu = (costs: readonly Cost[] = []): number[] => costs.map((cost) => cost.cpu);
const wall = (costs: readonly Cost[] = []): number[] => costs.map((cost) => cost.wall);
const memory = (costs: readonly Cost[] = []): number => Math.max(...costs.map(({ megabytes }) => megabytes));

/** Reading 1 million events: rate, and times of the floor. */
export async function readPart(rounds: number): Promise<Table> {
  const path = await recordingOf(MILLION);
  const floor = { name: 'floor', command: [process.execPath, FLOOR, path] };
  const bare = { name: 'bare', command: [process.execPath, BARE, path] };
  const contenders = [floor, { ...floor, name: 'floor again' }, bare, ...verbs(path)];
  const costs = await alternate(rounds, contenders);
  const base = cpu(costs.get('floor'));
  const rows = contenders.map(({ name }) => {
    const own = costs.get(name);
    const rate = MILLION / median(cpu(own)) / 1e6;
    const times = spread(ratios(cpu(own), base));
    return [name, spread(cpu(own)), spread(wall(own)), rate.toFixed(2), times, memory(own).toFixed(0)];
  });
  const { size } = await stat(path);
  return {
    part: 'read',
    about: `1 million events (${Math.round(size / 1e6)} MB), ${rounds} rounds, one after the other in turn; processor time is that of all threads.`,
    head: [
      '',
      'processor time, s',
      'from start to end, s',
      'million events a second of processor time',
      'times the floor',
      'most memory, MB',
    ],
    rows,
  };
}

/** Reading 10 million events: whether time and memory grow as they should. */
export async function largePart(): Promise<Table> {
  const [small, large] = [await recordingOf(MILLION), await recordingOf(10 * MILLION)];
  const few = await alternate(3, verbs(small));
  const many = await alternate(1, verbs(large));
  const rows = verbs(large).map(({ name }) => {
    const [a, b] = [few.get(name), many.get(name)];
    const factor = median(cpu(b)) / median(cpu(a));
    return [name, spread(cpu(b), 1), factor.toFixed(1), memory(a).toFixed(0), memory(b).toFixed(0)];
  });
  return {
    part: 'large',
    about: '10 million events, one round, beside 1 million, three rounds.',
    head: [
      '',
      'processor time, s',
      'times that of 1 million',
      'most memory with 1 million, MB',
      'with 10 million, MB',
    ],
    rows,
  };
}
