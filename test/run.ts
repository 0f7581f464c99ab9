/** npm test [-- --kernels 6.12,6.1|all] [--unit-only]: every test of the project, with its own set-up. */
import { readFile, rm } from 'node:fs/promises';
import * as zlib from 'node:zlib';
import { Command } from '@commander-js/extra-typings';
import { execa } from 'execa';
import * as v from 'valibot';
import { DEFAULT_KERNEL, KERNELS } from '../lab/kernels.ts';
import { buildBundle } from '../tools/build.ts';
import { installChromium } from './chromium.ts';
import { failures, resultsSchema } from './failures.ts';
import { installBpftool } from './lab/btf.ts';

const RESULTS = 'node_modules/.cache/umaptrace-tests.json';

const { kernels } = new Command()
  .name('npm test --')
  .description('Builds, lints, and runs the unit tests and the lab tests (real kernels in QEMU)')
  .option('--kernels <list>', 'kernels of the lab to test on, or "all"', DEFAULT_KERNEL)
  .addHelpText(
    'after',
    `\nKernels: ${KERNELS.map(({ version }) => version).join(', ')}\nUnit tests alone: npm run test:unit`,
  )
  .parse()
  .opts();

interface Step {
  readonly name: string;
  readonly ok: boolean;
}

async function step(
  name: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Step> {
  process.stderr.write(`\n== ${name}\n`);
  const { exitCode } = await execa(command, args, {
    stdio: 'inherit',
    reject: false,
    preferLocal: true,
    env,
  });
  return { name, ok: exitCode === 0 };
}

/** Tests of what only a later Node has, for one that lacks it (zstd, from 22.15 on); fetched by npm. */
const LATER_NODE = 'node@22';
const LATER_TESTS = ['test/recording/compress.test.ts'];
const isLater = Reflect.has(zlib, 'createZstdCompress');

const laterNode = (): Promise<Step> =>
  step(`compression by ${LATER_NODE}`, 'npx', [
    ...['--yes', `--package=${LATER_NODE}`, '--', 'node', 'node_modules/vitest/vitest.mjs'],
    ...['run', '--project', 'unit', ...LATER_TESTS],
  ]);

/**
 * Builds what most guests are made of while all else is checked, with the processor time that that leaves: unit tests measure theirs.
 * Other kernels are for the lab tests to build, and what could not be built: a third load beside two guests slows them down.
 */
const buildImages = (): { kill(): void } =>
  execa('nice', ['-n', '19', process.execPath, 'tools/run.js', 'lab/prepare.ts'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    reject: false,
  });

const reporters = ['default', 'json', './test/second-try.ts'].map((name) => `--reporter=${name}`);
const vitestArgs = ['run', ...reporters, `--outputFile.json=${RESULTS}`];

await rm(RESULTS, { force: true });
await buildBundle();
installChromium();
installBpftool();
const images = buildImages();
const steps = [
  await step('types', 'tsc', ['--noEmit']),
  await step('types of the report page', 'tsc', ['-p', 'src/report/html/page']),
  await step('lint and format', 'biome', ['check', '.']),
  ...(isLater ? [] : [await laterNode()]),
  await step('tests', 'vitest', vitestArgs, {
    UMAPTRACE_KERNELS: kernels === 'all' ? KERNELS.map(({ version }) => version).join(',') : kernels,
  }),
];
images.kill();
const counted = v.safeParse(resultsSchema, JSON.parse(await readFile(RESULTS, 'utf8').catch(() => 'null')));
const { numPassedTests, numFailedTests, numPendingTests } = counted.success
  ? counted.output
  : { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };
if (counted.success) {
  for (const failure of failures(counted.output)) process.stderr.write(`\nFAILED: ${failure}\n`);
}
const failed = steps.filter(({ ok }) => !ok);
for (const { name } of failed) process.stderr.write(`FAILED: ${name}\n`);
process.stdout.write(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped\n`);
process.exitCode = failed.length === 0 && counted.success && numPassedTests > 0 ? 0 : 1;
