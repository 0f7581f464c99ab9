import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { environment, KEYRING, LabError } from './host.ts';
import { baseSuite } from './kernels.ts';

/** The archive that this machine itself is installed from, or UMAPTRACE_DEBIAN_MIRROR. */
export async function findMirror(): Promise<string> {
  const chosen = process.env['UMAPTRACE_DEBIAN_MIRROR'] || (await configuredMirror());
  if (chosen) return chosen;
  // Without package lists (a fresh container) apt does not know yet which of its archives is Debian's.
  if (process.getuid?.() === 0) await execa('apt-get', ['update', '-q'], { env: environment, reject: false });
  const found = await configuredMirror();
  if (found) return found;
  throw new LabError(
    "no Debian archive in this machine's apt configuration; name one in UMAPTRACE_DEBIAN_MIRROR",
  );
}

async function configuredMirror(): Promise<string | undefined> {
  const filters = ['Created-By: Packages', 'Origin: Debian', 'Label: Debian'];
  const targets = await execa('apt-get', ['indextargets', '--format', '$(REPO_URI)', ...filters], {
    env: environment,
    reject: false,
  });
  return typeof targets.stdout === 'string'
    ? targets.stdout.split('\n').find((line) => line !== '')
    : undefined;
}

/**
 * The apt sources of a suite. A mirror that lags may serve a Release file past its Valid-Until;
 * the lab wants a kernel, not the newest one, so that is no reason to stop.
 */
export function sourcesOf(suite: string, mirror: string): string[] {
  const suites = new Set([baseSuite(suite), suite]);
  return [...suites].map((name) => `deb [signed-by=${KEYRING} check-valid-until=no] ${mirror} ${name} main`);
}

/** What to do when apt's complaints say that a suite is signed with a key this machine does not know; else nothing. */
export function keyringHint(complaints: string): string {
  if (!/NO_PUBKEY|EXPKEYSIG|KEYEXPIRED/.test(complaints)) return '';
  return `\n${KEYRING} does not know this suite's key: upgrade debian-archive-keyring, or name a newer one in UMAPTRACE_DEBIAN_KEYRING`;
}

/** The names of all packages of a suite that begin with a prefix, asked with an apt state of our own. */
export async function packageNames(suite: string, mirror: string, prefix: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'umaptrace-apt-'));
  try {
    const env = { ...environment, APT_CONFIG: await aptConfig(folder, sourcesOf(suite, mirror)) };
    await execa('apt-get', ['update', '-q', '--error-on=any'], { env });
    const names = await execa('apt-cache', ['pkgnames', prefix], { env });
    return names.stdout.split('\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Downloads a package of a suite into a folder, with an apt state of our own. Gives the file's path. */
export async function downloadPackage(suite: string, name: string, folder: string): Promise<string> {
  const state = await mkdtemp(join(tmpdir(), 'umaptrace-apt-'));
  try {
    const env = { ...environment, APT_CONFIG: await aptConfig(state, sourcesOf(suite, await findMirror())) };
    await execa('apt-get', ['update', '-q', '--error-on=any'], { env });
    await execa('apt-get', ['download', '-q', name], { env, cwd: folder });
  } finally {
    await rm(state, { recursive: true, force: true });
  }
  const file = (await readdir(folder)).find(
    (entry) => entry.startsWith(`${name}_`) && entry.endsWith('.deb'),
  );
  if (file === undefined) throw new LabError(`apt did not download ${name}`);
  return join(folder, file);
}

async function aptConfig(folder: string, sources: readonly string[]): Promise<string> {
  await mkdir(join(folder, 'state/lists/partial'), { recursive: true });
  await mkdir(join(folder, 'cache/archives/partial'), { recursive: true });
  await writeFile(join(folder, 'sources.list'), `${sources.join('\n')}\n`);
  const config = join(folder, 'apt.conf');
  const lines = [
    `Dir::Etc::sourcelist "${folder}/sources.list";`,
    'Dir::Etc::sourceparts "/dev/null";',
    `Dir::State "${folder}/state";`,
    'Dir::State::status "/dev/null";',
    `Dir::Cache "${folder}/cache";`,
    'APT::Architecture "amd64";',
    'APT::Architectures { "amd64"; };',
    'APT::Sandbox::User "root";',
    'Acquire::Languages "none";',
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  return config;
}
