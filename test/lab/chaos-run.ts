/** npm run chaos -- --seed N --ops M [--seeds K] [--kernel K]: exits 0 only when all was equal, and nothing was a false alarm. */
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { openLab } from '../../lab/boot.ts';
import { DEFAULT_KERNEL, KERNELS } from '../../lab/kernels.ts';
import { showProgress } from '../../lab/progress.ts';
import { buildBundle } from '../../tools/build.ts';
import { type ChaosRun, describeRun, runChaos, runLateChaos } from './chaos.ts';

function positive(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('a number above 0 is wanted');
  return Number(text);
}

const options = new Command()
  .name('npm run chaos --')
  .description(
    'Random operations of many processes, traced; each quiet moment is held against /proc/PID/maps, and the whole against the rules.',
  )
  .option('--seed <n>', 'the first seed', positive, 1)
  .option('--seeds <n>', 'how many seeds, one after the other', positive, 1)
  .option('--ops <n>', 'operations for each seed', positive, 500)
  .option('--late', 'the tracer comes in the middle of each run')
  .addOption(
    new Option('--kernel <version>').choices(KERNELS.map(({ version }) => version)).default(DEFAULT_KERNEL),
  )
  .parse()
  .opts();

/** How often each kind of operation succeeded, over all runs. */
function kindsOf(runs: readonly ChaosRun[]): Map<string, number> {
  const kinds = new Map<string, number>();
  for (const { counts } of runs) {
    for (const [kind, count] of Object.entries(counts?.kinds ?? {})) {
      kinds.set(kind, (kinds.get(kind) ?? 0) + count);
    }
  }
  return kinds;
}

await buildBundle();
const lab = await openLab({ kernel: options.kernel, progress: showProgress() });
const runs: ChaosRun[] = [];
try {
  for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
    const run = await (options.late === true ? runLateChaos : runChaos)(lab, seed, options.ops);
    runs.push(run);
    process.stdout.write(`${describeRun(run)}\n`);
    if (run.difference !== null || run.alarms.length > 0)
      process.stdout.write(`  kept: ${run.traced.recording}\n`);
  }
} finally {
  await lab.close();
}
const sum = (of: (run: ChaosRun) => number): number => runs.reduce((total, run) => total + of(run), 0);
const alarmed = runs.filter(({ alarms }) => alarms.length > 0).map(({ seed }) => seed);
const different = runs.filter(({ difference }) => difference !== null).map(({ seed }) => seed);
process.stdout.write(`kinds: ${[...kindsOf(runs)].map(([kind, count]) => `${kind} ${count}`).join(', ')}\n`);
process.stdout.write(
  `in all: ${sum(({ counts }) => counts?.operations ?? 0)} operations, ${sum(({ moments }) => moments)} moments, ` +
    `${sum(({ compared }) => compared)} mappings compared, at most ${Math.max(...runs.map(({ counts }) => counts?.alive_most ?? 0))} processes alive at once\n`,
);
if (different.length > 0) process.stdout.write(`DIFFERENT: seeds ${different.join(', ')}\n`);
if (alarmed.length > 0) process.stdout.write(`FALSE ALARM: seeds ${alarmed.join(', ')}\n`);
process.exitCode = different.length + alarmed.length === 0 && sum(({ compared }) => compared) > 0 ? 0 : 1;
