import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from './cache.ts';

const KEPT = 40;
const HOUR_MS = 3_600_000;

/** A folder for what one guest leaves behind: its kernel log, its device memory, its share. Old ones are removed. */
export async function newRunFolder(kernel: string): Promise<string> {
  const runs = join(cacheDir(), 'runs');
  await mkdir(runs, { recursive: true });
  await removeOld(runs);
  const time = new Date().toISOString().replaceAll(':', '').replace('.', '-');
  const folder = join(runs, `${time}-${kernel}-${process.pid}`);
  await mkdir(join(folder, 'share'), { recursive: true });
  return folder;
}

async function removeOld(runs: string): Promise<void> {
  const names = (await readdir(runs)).sort();
  for (const name of names.slice(0, Math.max(0, names.length - KEPT))) {
    const folder = join(runs, name);
    const made = await stat(folder).catch(() => undefined);
    const inUse = made === undefined || Date.now() - made.mtimeMs < HOUR_MS;
    if (!inUse) await rm(folder, { recursive: true, force: true });
  }
}
