/** What tracing costs the traced path: one mmap and munmap of a tracked page, untraced and under each tracer. */
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { type Lab, openLab } from '../lab/boot.ts';
import { showProgress } from '../lab/progress.ts';
import { median, ratios, spread, type Table } from './figures.ts';

const CYCLES = 10_000;
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
  /** µs for one mmap and munmap. */
  readonly us: number;
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
  const { stdout, stderr } = await lab.run(words, { timeoutSeconds: MINUTES * 60 });
  if (stderr !== '') process.stderr.write(stderr);
  const runs = new Map<string, Run[]>(TRACERS.map((name) => [name, []]));
  for (const line of stdout.split('\n')) {
    const [name = '', ...numbers] = line.split(' ');
    const [ns = 0, cycles = 1, bytes = 0] = numbers.map(Number);
    runs.get(name)?.push({ us: ns / cycles / 1000, bytes: bytes / cycles });
  }
  return runs;
}

/** Time added by each tracer, and by umaptrace as a share of it. */
function costTable(runs: ReadonlyMap<string, readonly Run[]>, rounds: number, release: string): Table {
  const us = (name: string): number[] => (runs.get(name) ?? []).map((run) => run.us);
  const [before, after] = [us('untraced'), us('again')];
  const idle = before.map((value, i) => (value + (after[i] ?? value)) / 2);
  const added = (name: string): number[] => us(name).map((value, i) => value - (idle[i] ?? 0));
  const ours = added('umaptrace_record');
  const rows = TRACERS.map((name) => {
    const share = name.startsWith('un') || name === 'again' ? '' : spread(ratios(ours, added(name)));
    return [name.replace('_', ' '), spread(us(name), 1), spread(added(name), 1), share];
  });
  return {
    part: 'trace',
    about: `${CYCLES} cycles of mmap and munmap on one thread, ${rounds} rounds, ${release}; "again" is untraced too: what it differs by is noise.`,
    head: ['', 'µs for one cycle', 'µs added', "umaptrace's part of that"],
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
      const packed = gzipSync(kept).length / CYCLES;
      return [name.replace('_', ' '), bytes.toFixed(0), packed.toFixed(0)];
    }),
  );
  return {
    part: 'size',
    about: `Bytes on disk for one cycle of mmap and munmap, in the same runs: two events of umaptrace, four of kprobe events. ${lab.release}.`,
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
