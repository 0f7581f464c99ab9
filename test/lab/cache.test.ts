import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cacheDir, cached, hashOf, lock } from '../../lab/cache.ts';

let home: string;
const quietly = (): void => {};

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'umaptrace-test-'));
  process.env['XDG_CACHE_HOME'] = home;
});

afterEach(() => {
  delete process.env['XDG_CACHE_HOME'];
  rmSync(home, { recursive: true });
});

it('tells inputs apart that run together', () => {
  expect(hashOf('ab', 'c')).not.toBe(hashOf('a', 'bc'));
});

it('builds once for two callers at the same time', async () => {
  let builds = 0;
  const build = async (folder: string): Promise<void> => {
    builds++;
    await writeFile(join(folder, 'whole'), '');
  };
  const folders = await Promise.all([cached('thing', quietly, build), cached('thing', quietly, build)]);
  expect(builds).toBe(1);
  expect(new Set(folders).size).toBe(1);
});

it('gives no name to a build that failed, and builds anew', async () => {
  await expect(cached('thing', quietly, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await cached('thing', quietly, async (folder) => expect(await readdir(folder)).toEqual([]));
  expect(await readdir(cacheDir())).toEqual(['thing', 'thing.lock']);
});

it('removes what a killed builder left, whatever its name', async () => {
  await mkdir(join(cacheDir(), 'old.unfinished/root'), { recursive: true });
  await cached('thing', quietly, async () => {});
  await expect(access(join(cacheDir(), 'old.unfinished'))).rejects.toThrow();
});

it('gets the lock of a holder that was killed', async () => {
  const path = join(home, 'lock');
  const holder = spawn('flock', [path, 'cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
  holder.stdin.write('x');
  await once(holder.stdout, 'data');
  holder.stdin.destroy(); // as when the process at the other end dies
  await (await lock(path, quietly))();
});
