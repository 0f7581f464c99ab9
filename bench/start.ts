/** How long it takes until everything is attached: umaptrace beside plain bpftrace with the very program that it runs. */
import { openLab } from '../lab/boot.ts';
import { showProgress } from '../lab/progress.ts';
import { differences, ratios, spread, type Table } from './figures.ts';

const PLAIN = 'plain bpftrace';
/** Names of guest/start.sh, and what they stand for; A B A B in this order. */
const STARTERS = {
  plain: PLAIN,
  umaptrace: 'umaptrace record',
  'no-audit': 'umaptrace record --no-audit',
  'plain-again': `${PLAIN}, again`,
} as const;
type Starter = keyof typeof STARTERS;
const HEAD = ['', 'from launch to ready, s', 'processor time, s', `s more than ${PLAIN}`, `times ${PLAIN}`];
const MINUTES_EACH_ROUND = 4;

interface Start {
  /** Seconds from its launch until it is ready. */
  readonly wall: number;
  /** Seconds of processor time by then, of all that it started. */
  readonly cpu: number;
}

const isStarter = (name: string): name is Starter => Object.hasOwn(STARTERS, name);

function parse(stdout: string): Readonly<Record<Starter, Start[]>> {
  const starts: Record<Starter, Start[]> = { plain: [], umaptrace: [], 'no-audit': [], 'plain-again': [] };
  for (const line of stdout.split('\n')) {
    const [name = '', ...numbers] = line.split(' ');
    const [wall = 0, cpu = 0] = numbers.map((us) => Number(us) / 1e6);
    if (isStarter(name)) starts[name].push({ wall, cpu });
  }
  return starts;
}

function startTable(starts: Readonly<Record<Starter, Start[]>>, rounds: number, release: string): Table {
  const wall = (name: Starter): number[] => starts[name].map((start) => start.wall);
  const rows = Object.keys(STARTERS)
    .filter(isStarter)
    .map((name) => {
      const cpu = starts[name].map((start) => start.cpu);
      const more = differences(wall(name), wall('plain'));
      const times = spread(ratios(wall(name), wall('plain')));
      return [STARTERS[name], spread(wall(name), 1), spread(cpu, 1), spread(more, 1), times];
    });
  return {
    part: 'start',
    about: `From launch to ready, ${rounds} rounds, ${release}, emulated, two processors; processor time is that of all processes by then, or up to 0.2 s later.`,
    head: HEAD,
    rows,
  };
}

/** Boots a guest and measures how long each needs until it is ready. */
export async function startPart(rounds: number): Promise<Table> {
  const lab = await openLab({ progress: showProgress() });
  try {
    const words = ['/lab/checkout/bench/guest/start.sh', String(rounds), ...Object.keys(STARTERS)];
    const { status, stdout, stderr } = await lab.run(words, {
      timeoutSeconds: rounds * MINUTES_EACH_ROUND * 60,
    });
    if (status !== 0) throw new Error(`start.sh ended with status ${status}: ${stderr}`);
    return startTable(parse(stdout), rounds, lab.release);
  } finally {
    await lab.close();
  }
}
