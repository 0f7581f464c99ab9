/** How many events a second are recorded without a loss, beside a plain script with bpftrace's own buffers. */
import { openLab } from '../lab/boot.ts';
import { showProgress } from '../lab/progress.ts';
import type { Table } from './figures.ts';

const SECONDS = 60;
const MINUTES = 30;
/** Pauses of a storm, µs, and after how many cycles. */
const PAUSES = ['1000:1', '100:1', '1000:10', '1000:25', '1000:50', '0:1'];
/** Tracers of guest/rate.sh, with how their storm pauses. */
const RUNS = [
  ...PAUSES.map((pause) => `umaptrace_record:${pause}`),
  ...PAUSES.slice(2).map((pause) => `plain_default:${pause}`),
];

function row(line: string): string[] {
  const [name = '', ...numbers] = line.split(' ');
  const [pause = 0, every = 1, ns = 1, told = 0, lost = 0, early = 0, late = 0] = numbers.map(Number);
  const all = told + lost;
  const memory = early === 0 ? '' : `${Math.round(early / 1024)}, ${Math.round(late / 1024)}`;
  const share = `${lost.toLocaleString('en')} (${((100 * lost) / all).toFixed(1)} %)`;
  const rate = Math.round(all / (ns / 1e9)).toLocaleString('en');
  const pauses = pause === 0 ? 'none' : `${pause} after ${every === 1 ? 'each' : every}`;
  return [name.replace('_', ' '), pauses, rate, all.toLocaleString('en'), share, memory];
}

/** Boots a guest and lets storms run in it. */
export async function ratePart(): Promise<Table> {
  const lab = await openLab({ progress: showProgress() });
  try {
    const words = ['/lab/checkout/bench/guest/rate.sh', String(SECONDS), ...RUNS];
    const { stdout, stderr } = await lab.run(words, { timeoutSeconds: MINUTES * 60 });
    if (stderr !== '') process.stderr.write(stderr);
    return {
      part: 'rate',
      about: `${SECONDS} s of mmap, munmap and, each 50th time, fork, by one thread on each of two CPUs; plain default is the plain script with trampolines and bpftrace's own buffers (64 pages). ${lab.release}, emulated.`,
      head: [
        '',
        'pauses, µs, after cycles',
        'events a second',
        'events',
        'lost',
        "umaptrace's memory after 10 s and at the end, MB",
      ],
      rows: stdout.split('\n').filter(Boolean).map(row),
    };
  } finally {
    await lab.close();
  }
}
