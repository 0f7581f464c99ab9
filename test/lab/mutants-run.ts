/** npm run mutants [-- --only NAME]: exits 0 only when each mutant is convicted as it should be, and the stock kernel of nothing. */
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { MUTANTS } from '../../lab/mutants/mutants.ts';
import { showProgress } from '../../lab/progress.ts';
import { buildBundle } from '../../tools/build.ts';
import { runTrials, sentenceText } from './mutants.ts';
import { REBUILT, STOCK, TRIALS } from './trials.ts';

const KERNELS = [...new Set(TRIALS.map(({ kernel }) => kernel))];
const ABOUT = new Map([
  [STOCK, "the kernel's own"],
  [REBUILT, 'built as the mutants are, without a defect'],
  ...MUTANTS.map(({ name, defect }) => [name, defect] as const),
]);

const EXAMPLES = `
Kernels:
${KERNELS.map((kernel) => `  ${kernel.padEnd(15)} ${ABOUT.get(kernel) ?? ''}`).join('\n')}

Examples:
  npm run mutants
  npm run mutants -- --only zap-late
  npm run mutants -- --only stock --only half-zapped
`;

function kernel(name: string, names: readonly string[]): string[] {
  if (!KERNELS.includes(name)) throw new InvalidArgumentError(`It is one of ${KERNELS.join(', ')}.`);
  return [...names, name];
}

const { only } = new Command()
  .name('npm run mutants --')
  .description(
    'Loads builds of ib_uverbs with one defect each into a real kernel, traces a workload, and holds what "umaptrace check" says against what it should. Takes about ten minutes.',
  )
  .option('--only <kernel>', 'this one only; can be repeated', kernel, [])
  .addHelpText('after', EXAMPLES)
  .parse()
  .opts();

await buildBundle();
const trials = TRIALS.filter((trial) => only.length === 0 || only.includes(trial.kernel));
let wrong = 0;
for await (const sentence of runTrials(trials, showProgress())) {
  process.stdout.write(`${sentenceText(sentence)}\n`);
  if (sentence.wrong.length > 0) wrong++;
}
process.stdout.write(
  wrong === 0 ? `all ${trials.length} are as they should be\n` : `${wrong} of ${trials.length} are WRONG\n`,
);
process.exitCode = wrong === 0 ? 0 : 1;
