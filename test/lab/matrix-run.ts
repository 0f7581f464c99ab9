/** npm run matrix [-- --cell 6.12+0.23]: every workload on every kernel with every bpftrace; writes docs/support.md. */
import { Command, Option } from '@commander-js/extra-typings';
import { type Lab, openLab } from '../../lab/boot.ts';
import { showProgress } from '../../lab/progress.ts';
import { buildBundle } from '../../tools/build.ts';
import { BPFTRACES, CELLS, inCell, type Outcome, TRIALS } from './matrix.ts';
import { keep } from './support.ts';

const options = new Command()
  .name('npm run matrix --')
  .description('Tries every workload on each kernel with each bpftrace, and writes docs/support.md.')
  .addOption(new Option('--cell <kernel+bpftrace...>', 'only these').choices(CELLS).default(CELLS))
  .parse()
  .opts();

async function attempt(lab: Lab, trial: (lab: Lab) => Promise<Outcome>): Promise<Outcome> {
  try {
    return await trial(lab);
  } catch (error) {
    return { ok: false, seen: error instanceof Error ? error.message : String(error) };
  }
}

/** @returns how many trials failed */
async function runCell(name: string): Promise<number> {
  const [kernel = '', bpftrace = ''] = name.split('+');
  const lab = await openLab({ kernel, userland: BPFTRACES[bpftrace], progress: showProgress() });
  const trials: Record<string, Outcome> = {};
  try {
    for (const [what, trial] of Object.entries(TRIALS)) {
      const outcome = inCell(name, await attempt(lab, trial));
      trials[what] = outcome;
      process.stdout.write(
        `${name} ${what}: ${outcome.ok ? (outcome.limit ?? 'ok') : 'RED'}: ${outcome.seen}\n`,
      );
    }
    const { stdout } = await lab.run(['bpftrace', '--version']);
    const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? bpftrace;
    keep(name, {
      kernel: lab.release,
      bpftrace: version,
      date: new Date().toISOString().slice(0, 10),
      trials,
    });
  } finally {
    await lab.close();
  }
  return Object.values(trials).filter(({ ok }) => !ok).length;
}

await buildBundle();
let red = 0;
for (const name of options.cell) red += await runCell(name);
process.stdout.write(red === 0 ? 'all as it should be\n' : `${red} red\n`);
process.exitCode = red === 0 ? 0 : 1;
