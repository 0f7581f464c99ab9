/** What tracing adds to the traced path, as instructions: the same in each run, whatever else the host does. */
import { openLab } from '../lab/boot.ts';
import { showProgress } from '../lab/progress.ts';
import { sharePerf } from './cost.ts';
import { median, ratios, spread, type Table } from './figures.ts';

const CYCLES = 2000;
/** Names of guest/tracers.sh. */
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

/** Boots a guest whose clock counts instructions, and lets the storm run in it beside frozen tracers. */
export async function instructionsPart(rounds: number): Promise<Table> {
  const lab = await openLab({ progress: showProgress(), countInstructions: true });
  try {
    await sharePerf(lab.share);
    const words = ['/lab/checkout/bench/guest/instructions.sh', String(CYCLES), String(rounds), ...TRACERS];
    const { stdout, stderr } = await lab.run(words, { timeoutSeconds: MINUTES * 60 });
    if (stderr !== '') process.stderr.write(stderr);
    const lines = stdout.split('\n').map((line) => line.split(' '));
    const cycle = (name: string): number[] =>
      lines.filter(([tracer]) => tracer === name).map(([, ns]) => Number(ns) / CYCLES);
    const idle = median([...cycle('untraced'), ...cycle('again')]);
    const added = (name: string): number[] => cycle(name).map((count) => count - idle);
    const rows = TRACERS.map((name) => {
      const isUntraced = name === 'untraced' || name === 'again';
      const share = isUntraced ? '' : spread(ratios(added('umaptrace_record'), added(name)));
      return [name.replace('_', ' '), spread(cycle(name), 0), spread(added(name), 0), share];
    });
    return {
      part: 'instructions',
      about: `Instructions of the emulated processor for one cycle of mmap and munmap, ${CYCLES} cycles, ${rounds} rounds, ${lab.release}: the tracer's processes are frozen, what is added is the kernel's work. "again" is untraced too.`,
      head: ['', 'one cycle', 'added', "umaptrace's, divided by it"],
      rows,
    };
  } finally {
    await lab.close();
  }
}
