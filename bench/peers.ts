/** How fast a storm is read that umaptrace, trace-cmd and perf have recorded: the same cycles, one after the other. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { openLab } from '../lab/boot.ts';
import { showProgress } from '../lab/progress.ts';
import { sharePerf } from './cost.ts';
import { median, ratios, spread, type Table } from './figures.ts';
import { alternate, type Contender } from './measure.ts';
import { umaptrace } from './read.ts';

/** As many as umaptrace records without loss on a busy machine: its buffers hold most of their events. */
const CYCLES = 50_000;
const TRACERS = ['umaptrace_record', 'trace_cmd', 'perf_record'];
const MINUTES = 9;

/** Lines of an input that are events. */
async function countLines(input: NodeJS.ReadableStream, event: RegExp): Promise<number> {
  let count = 0;
  for await (const line of createInterface({ input })) if (event.test(line)) count++;
  return count;
}

/** An event line of `trace-cmd report` and of `perf script` names its CPU. */
const PEER_EVENT = /^\s.*\[\d+\]\s/;

/** A reader, and how many events it has to read. */
interface Reader extends Contender {
  readonly events: number;
  /** What its recorder writes down for one mmap and munmap. */
  readonly eventsOfCycle: number;
}

async function peer(name: string, command: readonly string[]): Promise<Reader> {
  const [program = '', ...args] = command;
  const reading = execa(program, args, { buffer: false, stdin: 'ignore', stderr: 'ignore' });
  const [events] = await Promise.all([countLines(reading.stdout, PEER_EVENT), reading]);
  return { name, command, events, eventsOfCycle: 4 };
}

async function readers(folder: string): Promise<Reader[]> {
  const recording = join(folder, 'umaptrace_record.out');
  const events = await countLines(createReadStream(recording), /^[A-Z]/);
  return [
    { ...umaptrace('umaptrace --version', '--version'), events: 0, eventsOfCycle: 0 },
    { ...umaptrace('umaptrace check', 'check', recording), events, eventsOfCycle: 2 },
    {
      ...umaptrace('umaptrace report, summary', 'report', recording, '--until', '0'),
      events,
      eventsOfCycle: 2,
    },
    await peer('trace-cmd report', ['trace-cmd', 'report', '-i', join(folder, 'trace_cmd.out')]),
    await peer('perf script', ['perf', 'script', '--force', '-i', join(folder, 'perf_record.out')]),
  ];
}

/** Records one storm under each tracer in a guest, and reads what they wrote on this machine. */
export async function peersPart(rounds: number): Promise<Table> {
  const lab = await openLab({ progress: showProgress() });
  try {
    await sharePerf(lab.share);
    const script = 'KEEP=/share exec /lab/checkout/bench/guest/record.sh "$@"';
    const words = ['bash', '-c', script, 'bash', String(CYCLES), '1', ...TRACERS];
    const { stderr } = await lab.run(words, { timeoutSeconds: MINUTES * 60 });
    if (stderr !== '') process.stderr.write(stderr);
    const contenders = await readers(lab.share);
    const costs = await alternate(rounds, contenders);
    const cpu = (name: string): number[] => (costs.get(name) ?? []).map((cost) => cost.cpu);
    const check = cpu('umaptrace check');
    const rows = contenders.map(({ name, events, eventsOfCycle }) => {
      const own = cpu(name);
      const each = events === 0 ? Number.NaN : (median(own) / events) * 1e6;
      const times = [each, each * eventsOfCycle].map((us) => (Number.isNaN(us) ? '' : us.toFixed(2)));
      return [name, String(events), spread(own), ...times, spread(ratios(own, check))];
    });
    return {
      part: 'peers',
      about: `${CYCLES} cycles of mmap and munmap in ${lab.release}, recorded once by each, read ${rounds} times in turn. One cycle is two events of umaptrace, which are held against each other, or four kprobe events, which are printed. The first line is the start of umaptrace alone.`,
      head: [
        '',
        'events',
        'processor time, s',
        'µs for one event',
        'µs for one cycle',
        "times umaptrace check's",
      ],
      rows,
    };
  } finally {
    await lab.close();
  }
}
