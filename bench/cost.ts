/** What tracing costs the traced path: one mmap and munmap of a tracked page, untraced and under each tracer. */
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { type Lab, openLab } from '../lab/boot.ts';
import { showProgress } from '../lab/progress.ts';
import { median, ratios, spread, type Table } from './figures.ts';
import { tellProcessorTime } from './vcpu.ts';

const CYCLES = 10_000;
/** Of one run of guest/cost.sh, with those to warm up. */
const ALL_CYCLES = 1000 + CYCLES;
/** Names of guest/tracers.sh; A B A B in this order, the untraced run at both ends. */
const TRACERS = [
  'untraced',
  'umaptrace_record',
  'plain_fentry',
  'plain_kprobe',
  'trace_cmd',
  'perf_record',
  'again',
];
const MINUTES = 25;

interface Run {
  /** µs for one mmap and munmap, from start to end. */
  readonly wall: number;
  /** µs of processor time for one, of the host. */
  readonly cpu: number;
  /** Bytes that the tracer wrote for it. */
  readonly bytes: number;
}

/** This machine's perf, with the libraries that it needs, for a guest of whatever suite. */
export async function sharePerf(share: string): Promise<void> {
  const folder = join(share, 'perf');
  await mkdir(folder, { recursive: true });
  const { stdout: perf } = await execa('sh', ['-c', 'readlink -f "$(command -v perf)"']);
  const { stdout } = await execa('ldd', [perf]);
  const libraries = Array.from(stdout.matchAll(/(\/\S+)/g), ([, path = '']) => path);
  const loader = libraries.find((path) => basename(path).startsWith('ld-linux')) ?? '';
  for (const path of libraries) await copyFile(path, join(folder, basename(path)));
  await copyFile(loader, join(folder, 'ld.so'));
  await copyFile(perf, join(folder, 'perf'));
}

async function runsOf(lab: Lab, rounds: number): Promise<ReadonlyMap<string, Run[]>> {
  await sharePerf(lab.share);
  const script = 'KEEP=/share exec /lab/checkout/bench/guest/cost.sh "$@"';
  const words = ['bash', '-c', script, 'bash', String(CYCLES), String(rounds), ...TRACERS];
  const done = new AbortController();
  const telling = tellProcessorTime(lab.share, done.signal);
  const { stdout, stderr } = await lab.run(words, { timeoutSeconds: MINUTES * 60 });
  done.abort();
  await telling;
  if (stderr !== '') process.stderr.write(stderr);
  const runs = new Map<string, Run[]>(TRACERS.map((name) => [name, []]));
  for (const line of stdout.split('\n')) {
    const [name = '', ...numbers] = line.split(' ');
    const [wall = 0, cpu = 0, bytes = 0] = numbers.map(Number);
    const us = (ns: number): number => ns / CYCLES / 1000;
    runs.get(name)?.push({ wall: us(wall), cpu: us(cpu), bytes });
  }
  return runs;
}

/** Time added by each tracer, and by umaptrace as a share of it. */
function costTable(runs: ReadonlyMap<string, readonly Run[]>, rounds: number, release: string): Table {
  const cpu = (name: string): number[] => (runs.get(name) ?? []).map((run) => run.cpu);
  const [before, after] = [cpu('untraced'), cpu('again')];
  const idle = before.map((us, i) => (us + (after[i] ?? us)) / 2);
  const added = (name: string): number[] => cpu(name).map((us, i) => us - (idle[i] ?? 0));
  const rows = TRACERS.map((name) => {
    const isUntraced = name === 'untraced' || name === 'again';
    const share = isUntraced ? '' : spread(ratios(added('umaptrace_record'), added(name)));
    const wall = (runs.get(name) ?? []).map((run) => run.wall);
    return [name.replace('_', ' '), spread(cpu(name), 1), spread(added(name), 1), share, spread(wall, 1)];
  });
  return {
    part: 'trace',
    about: `${CYCLES} cycles of mmap and munmap on one thread, which has CPU 0; the tracer, at work, has CPU 1. ${rounds} rounds, ${release}. µs of the host's processor time for CPU 0 and one cycle; "again" is untraced too: what it differs by is noise.`,
    head: ['', 'one cycle', 'added', "umaptrace's, divided by it", 'from start to end'],
    rows,
  };
}

/** Bytes for each cycle, as written and compressed. */
async function sizeTable(lab: Lab, runs: ReadonlyMap<string, readonly Run[]>): Promise<Table> {
  const written = TRACERS.filter((name) => (runs.get(name)?.[0]?.bytes ?? 0) > 0);
  const rows = await Promise.all(
    written.map(async (name) => {
      const bytes = median((runs.get(name) ?? []).map((run) => run.bytes));
      const kept = await readFile(join(lab.share, `${name}.out`));
      const packed = gzipSync(kept).length / ALL_CYCLES;
      return [name.replace('_', ' '), bytes.toFixed(0), packed.toFixed(0)];
    }),
  );
  return {
    part: 'size',
    about: `Bytes on disk for one cycle of mmap and munmap, of ${ALL_CYCLES} in the same runs: two events of umaptrace, four of kprobe events. ${lab.release}.`,
    head: ['', 'bytes', 'bytes, gzip'],
    rows,
  };
}

/** Boots a guest and measures all tracers in it. */
export async function costParts(rounds: number): Promise<Table[]> {
  const lab = await openLab({ progress: showProgress() });
  try {
    const runs = await runsOf(lab, rounds);
    return [costTable(runs, rounds, lab.release), await sizeTable(lab, runs)];
  } finally {
    await lab.close();
  }
}
