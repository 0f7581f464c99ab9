import { once } from 'node:events';
import { access, constants, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDir, hashOf } from './cache.ts';
import type { KernelImage } from './image.ts';
import { type Accelerator, startQemu } from './qemu.ts';

const PROBE_SECONDS = 20;

/** What the lab runs on, and why. */
export type Choice = { readonly accelerator: Accelerator; readonly reason: string };

/**
 * KVM only if this kernel has booted with it since the host was started, else emulation. That /dev/kvm opens
 * proves nothing: a nested KVM may create a machine and fail in its first instructions.
 */
export async function chooseAccelerator(image: KernelImage): Promise<Choice> {
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch {
    return { accelerator: 'tcg', reason: '/dev/kvm is not there or not ours to open' };
  }
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  const memo = join(cacheDir(), `kvm-${hashOf(bootId, image.vmlinuz)}`);
  const known = await readFile(memo, 'utf8').catch(() => undefined);
  const boots = known === undefined ? await bootsWithKvm(image) : known === 'boots';
  if (known === undefined) await writeFile(memo, boots ? 'boots' : 'fails');
  return boots
    ? { accelerator: 'kvm', reason: 'this kernel boots with KVM here' }
    : { accelerator: 'tcg', reason: '/dev/kvm is there, but this kernel does not boot with it' };
}

async function bootsWithKvm(image: KernelImage): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'umaptrace-kvm-'));
  const console = join(folder, 'console');
  const qemu = startQemu({
    image,
    shared: [],
    console,
    accelerator: 'kvm',
    words: ['lab.probe'],
    memoryMegabytes: 512,
  });
  qemu.stdout.resume();
  qemu.stderr.resume();
  const timer = setTimeout(() => qemu.kill('SIGKILL'), PROBE_SECONDS * 1000);
  await once(qemu, 'close');
  clearTimeout(timer);
  const log = await readFile(console, 'latin1').catch(() => '');
  await rm(folder, { recursive: true, force: true });
  return log.includes('umaptrace lab: this kernel boots');
}
