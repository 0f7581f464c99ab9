import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { runInLab } from './boot.ts';
import { LabError } from './host.ts';
import { DEFAULT_KERNEL, KERNELS, USERLANDS } from './kernels.ts';
import { type Progress, showProgress } from './progress.ts';
import { GUEST_ENDED } from './session.ts';

const EXAMPLES = `
COMMAND's exit status is the lab's; 124: the timeout, 125: the lab or the guest's kernel failed.

Examples:
  npm run lab -- ibv_devinfo
  npm run lab -- --kernel 6.1 -- umaptrace probes
  npm run lab -- --share out -- umaptrace record -o /share/umaptrace.rec -- unplug
  npm run lab -- --no-fixture -- sh -c 'ibv_rc_pingpong -g 0 & sleep 2; ibv_rc_pingpong -g 0 10.0.0.1'
`;

const program = new Command('npm run lab --')
  .description('Boots a stock Debian kernel in QEMU with rxe0 up and runs COMMAND in it as root.')
  .argument('<command...>', 'what to run in the guest')
  .addOption(
    new Option('--kernel <version>', 'the kernel')
      .choices(KERNELS.map((kernel) => kernel.version))
      .default(DEFAULT_KERNEL),
  )
  .addOption(new Option('--userland <suite>', "the user space, if not the kernel's own").choices(USERLANDS))
  .option('--no-fixture', 'leave rxe0 as it is: no fixture module')
  .option('--share <dir>', 'a folder that is /share in the guest, writable')
  .option('--timeout <seconds>', 'how long COMMAND may take', seconds, 600)
  .option('--memory <megabytes>', "the guest's memory", positive, 2048)
  .option('--device-memory <file>', "the file behind the fixture's device memory")
  .option(
    '--disk <file>',
    'an ext4 image that is /disk in the guest, writable and kept; made if it is not there',
  )
  .option('--allow-oops', 'a kernel that panics or oopses is no failure')
  .option('--verbose', 'tell how the guest is run')
  .passThroughOptions()
  // Never a status that COMMAND could have.
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : GUEST_ENDED))
  .addHelpText('after', EXAMPLES);

function seconds(text: string): number {
  return positive(text.replace(/s$/, ''));
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('a number above 0 is wanted');
}

function say(text: string): void {
  process.stderr.write(`lab: ${text}\n`);
}

async function main(): Promise<number> {
  program.parse();
  const options = program.opts();
  const result = await runInLab({
    ...options,
    command: program.args,
    timeoutSeconds: options.timeout,
    memoryMegabytes: options.memory,
    output: 'inherit',
    progress: progressFor(options.verbose ?? false),
    log: options.verbose ? say : undefined,
  });
  if (result.timedOut) say(`COMMAND took longer than ${options.timeout} s\nkernel log: ${result.consoleLog}`);
  return result.status;
}

/** Without a terminal, a boot that goes well is silent: stderr is COMMAND's. */
function progressFor(verbose: boolean): Progress {
  const all = showProgress();
  if (verbose || process.stderr.isTTY) return all;
  return { ...all, say: (task, text) => (task === 'boot' ? undefined : all.say(task, text)) };
}

// QEMU and the builders die with this process, so leaving is all there is to do.
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => process.exit(status));
}
process.stdout.on('error', () => process.exit(0));

try {
  process.exitCode = await main();
} catch (error) {
  say(error instanceof LabError ? error.message : String(error instanceof Error ? error.stack : error));
  process.exitCode = GUEST_ENDED;
}
