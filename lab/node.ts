import { chmod, copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, hashOf } from './cache.ts';

/** A folder with nothing but this very node in it, to share with guests. */
export async function nodeFolder(): Promise<string> {
  const name = `node-${process.version}-${hashOf(await readFile(process.execPath))}`;
  return cached(
    name,
    () => {},
    async (folder) => {
      await copyFile(process.execPath, join(folder, 'node'));
      await chmod(join(folder, 'node'), 0o755);
    },
  );
}
