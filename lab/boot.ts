import { access, constants, mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Choice, chooseAccelerator } from './accelerator.ts';
import { guestBuild } from './build.ts';
import { makeDisk } from './disk.ts';
import { connectGuest, type Guest } from './guest.ts';
import { ensureHostPackages, LabError } from './host.ts';
import { type KernelImage, kernelImage, userlandImage } from './image.ts';
import { DEFAULT_KERNEL, findKernel } from './kernels.ts';
import { nodeFolder } from './node.ts';
import { findOops } from './oops.ts';
import { type Progress, silent } from './progress.ts';
import { type SharedFolder, startQemu } from './qemu.ts';
import { newRunFolder } from './runs.ts';
import { type CommandOptions, type CommandResult, type LabCommand, startCommand } from './session.ts';

/** What to boot. Everything has a default. */
export type LabOptions = {
  /** A kernel of the table, such as "6.12". */
  readonly kernel?: string | undefined;
  /** The Debian suite of the user space; the kernel's own default if not given. */
  readonly userland?: string | undefined;
  /** Load the fixture module (true), or leave rxe0 as it is (false). */
  readonly fixture?: boolean | undefined;
  /** Put rxe0 up while booting; false leaves it to `rxe-device` in the guest. */
  readonly device?: boolean | undefined;
  /** Share the host's node; false for a guest without one. */
  readonly node?: boolean | undefined;
  /** A folder of the host that is /share in the guest, writable; one of the run's own if not given. */
  readonly share?: string | undefined;
  /** The file behind the fixture's device memory; one of the run's own if not given. */
  readonly deviceMemory?: string | undefined;
  /** A kernel that panics or oopses is no failure; a pattern: the lines of its log that are none. */
  readonly allowOops?: boolean | RegExp | undefined;
  /** An ext4 image of the host that is /disk in the guest, writable and kept; made if it is not there. No disk if not given. */
  readonly disk?: string | undefined;
  readonly memoryMegabytes?: number | undefined;
  /** Its clock counts instructions: 1 ns is one. Slower, and the same whatever else the host does. */
  readonly countInstructions?: boolean | undefined;
  readonly bootTimeoutSeconds?: number | undefined;
  readonly progress?: Progress | undefined;
  /** Takes remarks on how the guest is run. */
  readonly log?: ((remark: string) => void) | undefined;
};

/** A guest that is up, and runs commands until it is closed. */
export type Lab = {
  /** The kernel's full release, as `uname -r` tells it. */
  readonly release: string;
  /** The host's folder that is /share in the guest. */
  readonly share: string;
  /** The host's file that holds the bytes of the fixture's device. */
  readonly deviceMemory: string;
  /** The file with the guest's kernel log; it is kept. */
  readonly consoleLog: string;
  /** Runs a command as root and waits for it. Commands may run at the same time. */
  run(command: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Starts a command that goes on while others run. */
  start(command: readonly string[], options?: CommandOptions): LabCommand;
  /** The kernel's failures so far, as lines of its log. */
  oops(): Promise<string[]>;
  /** Ends the guest. */
  close(): Promise<void>;
};

/** The result of a guest that ran one command. */
export type LabResult = CommandResult & {
  readonly consoleLog: string;
  readonly deviceMemory: string;
  readonly share: string;
};

const CHECKOUT = fileURLToPath(new URL('..', import.meta.url));
const BOOT_ATTEMPTS = 3;
const BOOT_TIMEOUT_SECONDS = 300;

/** Boots a guest, runs one command in it, and ends it. A kernel that fails is an error, unless `allowOops`. */
export async function runInLab(
  options: LabOptions & CommandOptions & { readonly command: readonly string[] },
): Promise<LabResult> {
  const lab = await openLab(options);
  try {
    const result = await lab.run(options.command, options);
    return { ...result, consoleLog: lab.consoleLog, deviceMemory: lab.deviceMemory, share: lab.share };
  } finally {
    await lab.close();
  }
}

/** Builds what is missing and boots a guest that runs any number of commands. */
export async function openLab(options: LabOptions = {}): Promise<Lab> {
  const parts = await prepare(options);
  const run = await newRunFolder(parts.version);
  const share = resolve(options.share ?? join(run, 'share'));
  const deviceMemory = resolve(options.deviceMemory ?? join(run, 'device-memory'));
  await mkdir(share, { recursive: true });
  if (options.disk !== undefined) await makeDisk(options.disk);
  const { guest, consoleLog } = await bootPatiently(options, parts, { run, share, deviceMemory });
  const context = { guest, consoleLog, allowOops: options.allowOops ?? false };
  const start: Lab['start'] = (command, how) => startCommand(context, command, how ?? {});
  return {
    ...{ release: parts.image.release, share, deviceMemory, consoleLog, start },
    run: (command, how) => start(command, how).result,
    oops: async () => findOops(await readFile(consoleLog, 'latin1')),
    close: () => guest.kill(),
  };
}

/** What a guest is made of. */
type Parts = {
  /** Of the kernel, as the lab's table has it. */
  readonly version: string;
  readonly image: KernelImage;
  readonly root: string;
  readonly build: string;
};

/** Builds what a guest is made of, where it is missing. */
export async function prepare(options: Pick<LabOptions, 'kernel' | 'userland' | 'progress'>): Promise<Parts> {
  const kernel = findKernel(options.kernel ?? DEFAULT_KERNEL);
  const { userland = kernel.userland, progress = silent } = options;
  await ensureHostPackages(progress);
  const [image, root] = await Promise.all([kernelImage(kernel, progress), userlandImage(userland, progress)]);
  return { version: kernel.version, image, root, build: await guestBuild(image, userland, progress) };
}

/**
 * An emulated kernel that patches its own code on one CPU while the other runs it can fail for no reason
 * of its own ("Oops: int3", seen once in about a hundred boots of 6.12): a guest that fails before it is up, whether it then
 * comes up or not, is booted again, with a kernel log of its own.
 */
async function bootPatiently(
  options: LabOptions,
  parts: Parts,
  { run, ...files }: { run: string; share: string; deviceMemory: string },
): Promise<{ guest: Guest; consoleLog: string }> {
  for (let attempt = 1; ; attempt++) {
    const consoleLog = join(run, attempt === 1 ? 'console.log' : `console-${attempt}.log`);
    options.log?.(`kernel log: ${consoleLog}`);
    try {
      return { guest: await boot(options, parts, { console: consoleLog, ...files }), consoleLog };
    } catch (error) {
      if (!(error instanceof LabError) || attempt === BOOT_ATTEMPTS) throw error;
      options.progress?.say('boot', `the guest did not come up (${consoleLog}); once more`);
    }
  }
}

async function boot(
  options: LabOptions,
  { image, root, build }: Parts,
  files: { console: string; share: string; deviceMemory: string },
): Promise<Guest> {
  await access(files.share, constants.W_OK);
  const { accelerator, reason }: Choice =
    options.countInstructions === true
      ? { accelerator: 'icount', reason: 'instructions are to be counted' }
      : await chooseAccelerator(image);
  options.log?.(`${image.release} with ${accelerator}: ${reason}`);
  options.progress?.say('boot', `${image.release} (${accelerator})`);
  const shared: SharedFolder[] = [
    { tag: 'checkout', path: CHECKOUT },
    { tag: 'build', path: build },
    { tag: 'share', path: files.share, writable: true },
  ];
  if (options.node !== false) shared.push({ tag: 'node', path: await nodeFolder() });
  const memoryMegabytes = options.memoryMegabytes ?? 2048;
  const words = kernelWords(options);
  const guest = connectGuest(
    startQemu({ image, root, disk: options.disk, ...files, shared, accelerator, words, memoryMegabytes }),
  );
  try {
    await awaitHello(guest, files.console, (options.bootTimeoutSeconds ?? BOOT_TIMEOUT_SECONDS) * 1000);
    if (options.allowOops !== true) await requireSound(guest, files.console, options.allowOops || undefined);
  } finally {
    options.progress?.done('boot');
  }
  return guest;
}

/** A kernel may come up although it has failed on the way. @param expected lines that are no failure */
async function requireSound(guest: Guest, consoleLog: string, expected: RegExp | undefined): Promise<void> {
  const oops = findOops(await readFile(consoleLog, 'latin1'), expected);
  if (oops.length === 0) return;
  await guest.kill();
  throw new LabError(
    `the guest's kernel failed while it booted:\n${oops.join('\n')}\nkernel log: ${consoleLog}`,
  );
}

/** The words on the kernel's command line that lab/guest/init reads. */
function kernelWords(options: LabOptions): string[] {
  const words = ['lab.share'];
  if (options.node !== false) words.push('lab.node');
  if (options.fixture !== false) words.push('lab.fixture');
  if (options.device === false) words.push('lab.bare');
  if (options.disk !== undefined) words.push('lab.disk');
  return words;
}

async function awaitHello(guest: Guest, consoleLog: string, limitMs: number): Promise<void> {
  const timer = setTimeout(() => void guest.kill(), limitMs);
  const hello = await guest.hello;
  clearTimeout(timer);
  if (hello === 'ok') return;
  await guest.kill();
  const log = await readFile(consoleLog, 'latin1').catch(() => '');
  const why = hello ?? ((await guest.ended) || 'the guest did not come up');
  throw new LabError(`${why}\n${log.split('\n').slice(-30).join('\n')}\nkernel log: ${consoleLog}`);
}
