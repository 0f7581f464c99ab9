import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** Where images, builds and logs are kept: `${XDG_CACHE_HOME:-~/.cache}/umaptrace`. */
export function cacheDir(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'umaptrace');
}

/** A short name for everything that goes into a thing. */
export function hashOf(...inputs: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(`${input.length}:`).update(input);
  return hash.digest('hex').slice(0, 16);
}

/**
 * Takes an exclusive lock, held until the returned function is called or this process dies:
 * the kernel drops a flock with its last holder, and `cat` ends when our end of the pipe closes.
 */
export async function lock(path: string, onWait: () => void): Promise<() => Promise<void>> {
  const holder = spawn('flock', [path, 'cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(holder, 'exit');
  const timer = setTimeout(onWait, 1000);
  holder.stdin.write('x');
  const held = await Promise.race([once(holder.stdout, 'data').then(() => true), ended.then(() => false)]);
  clearTimeout(timer);
  if (!held) throw new Error(`cannot lock ${path}`);
  return async () => {
    holder.stdin.end();
    await ended;
  };
}

/** Removes a tree, but nothing that may still be mounted inside it. */
export async function removeTree(path: string): Promise<void> {
  await execa('rm', ['-rf', '--one-file-system', '--', path]);
}

/** What nobody has used for so long is removed when something new is built. */
const UNUSED_MS = 30 * 24 * 3_600_000;

/**
 * A folder in the cache, built on first use. Two callers never build the same one at once, and
 * a half-built one never gets the name: it is built beside, renamed when whole, and removed by the next builder.
 */
export async function cached(
  name: string,
  onWait: () => void,
  build: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheDir(), name);
  if (existsSync(folder)) {
    await utimes(folder, new Date(), new Date()).catch(() => {}); // built by root, used by another
    return folder;
  }
  await mkdir(cacheDir(), { recursive: true });
  const unlock = await lock(`${folder}.lock`, onWait);
  try {
    if (existsSync(folder)) return folder;
    await removeTree(`${folder}.unfinished`);
    await buildWhole(folder, build);
    return folder;
  } finally {
    await unlock();
    await removeOld();
  }
}

async function buildWhole(folder: string, build: (folder: string) => Promise<void>): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  await mkdir(unfinished);
  try {
    await build(unfinished);
    await rename(unfinished, folder);
  } catch (error) {
    await removeTree(unfinished);
    throw error;
  }
}

/** Removes what builders left that were killed, and what is long unused, unless someone holds its lock. */
async function removeOld(): Promise<void> {
  const entries = await readdir(cacheDir(), { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    const path = join(cacheDir(), name);
    const lockFile = `${path.replace(/\.unfinished$/, '')}.lock`;
    if (!existsSync(lockFile) && !name.endsWith('.unfinished')) continue; // not one of ours
    if (!name.endsWith('.unfinished') && Date.now() - (await stat(path)).mtimeMs < UNUSED_MS) continue;
    await execa('flock', ['--nonblock', lockFile, 'rm', '-rf', '--one-file-system', '--', path], {
      reject: false,
    });
  }
}
