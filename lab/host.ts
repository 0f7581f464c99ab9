import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { lock } from './cache.ts';
import type { Progress } from './progress.ts';

/** Where commands are looked for: a user's PATH often lacks the sbin folders. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

const PACKAGE_OF: Readonly<Record<string, string>> = {
  'qemu-system-x86_64': 'qemu-system-x86',
  mmdebstrap: 'mmdebstrap',
  mke2fs: 'e2fsprogs',
  setpriv: 'util-linux',
  unshare: 'util-linux',
  flock: 'util-linux',
};

export const KEYRING =
  process.env['UMAPTRACE_DEBIAN_KEYRING'] || '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The environment for every command that the lab starts. */
export const environment = { ...process.env, PATH, LC_ALL: 'C.UTF-8' };

/** Something the lab needs and this machine does not have; its message says what to do. */
export class LabError extends Error {
  override name = 'LabError';
}

function isMissing(command: string): boolean {
  return !PATH.split(':').some((folder) => folder !== '' && existsSync(join(folder, command)));
}

function missingPackages(): string[] {
  const missing = Object.entries(PACKAGE_OF).filter(([command]) => isMissing(command));
  const packages = new Set(missing.map(([, name]) => name));
  if (!existsSync(KEYRING)) packages.add('debian-archive-keyring');
  return [...packages].sort();
}

async function isDebian(): Promise<boolean> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^ID(_LIKE)?=.*debian/m.test(release) && !isMissing('apt-get');
}

/** Makes sure that the programs the lab runs are here: installs them as root on Debian, else says what is missing. */
export async function ensureHostPackages(progress: Progress): Promise<void> {
  if (missingPackages().length === 0) return;
  if (process.getuid?.() !== 0 || !(await isDebian())) throw missingError(missingPackages());
  const unlock = await lock('/tmp/umaptrace-host-packages.lock', () =>
    progress.say('host', 'waiting for apt'),
  );
  try {
    const packages = missingPackages();
    if (packages.length > 0) await install(packages, progress);
  } finally {
    await unlock();
  }
}

function missingError(packages: readonly string[]): LabError {
  const list = packages.join(' ');
  return new LabError(
    `the lab needs programs that are not installed. On Debian or Ubuntu:\n  sudo apt-get install ${list}`,
  );
}

async function install(packages: readonly string[], progress: Progress): Promise<void> {
  progress.say('host', `installing ${packages.join(' ')} with apt-get`);
  const env = { ...environment, DEBIAN_FRONTEND: 'noninteractive' };
  await execa('apt-get', ['update', '-q'], { env });
  await execa('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], { env });
  progress.done('host', `installed ${packages.join(' ')}`);
}

/**
 * The words that run a command so that it and all that it starts die with this process, and
 * its mounts with it: a pid and a mount namespace of its own. PR_SET_PDEATHSIG holds even when we are SIGKILLed.
 */
export function contained(command: readonly string[]): [string, string[]] {
  const namespaces = [
    'unshare',
    '--fork',
    '--pid',
    '--kill-child',
    '--mount',
    '--propagation',
    'private',
    '--mount-proc',
  ];
  return ['setpriv', ['--pdeathsig', 'KILL', ...namespaces, ...command]];
}

/** Images hold files of many owners and are built in chroots: that takes root. */
export function requireRoot(what: string): void {
  if (process.getuid?.() === 0) return;
  throw new LabError(
    `${what} takes root: run the same command once with sudo, with XDG_CACHE_HOME kept if you set it`,
  );
}
