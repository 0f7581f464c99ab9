import { readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { downloadPackage } from './archive.ts';
import { cached, hashOf } from './cache.ts';
import { environment, LabError } from './host.ts';
import type { KernelImage } from './image.ts';
import type { Progress } from './progress.ts';

const SCRIPT = fileURLToPath(new URL('source.sh', import.meta.url));
/** What is built of it: siw (lab/siw.ts), ib_uverbs (lab/mutants). */
const FOLDERS = ['drivers/infiniband/core', 'drivers/infiniband/sw/siw'];

/**
 * The part of a kernel's own source from which the lab builds modules: Debian's linux-source package of the same
 * series, fetched into the cache and never kept in the project.
 * @param version as in the lab's table, "6.12"
 * @returns a folder laid out as the kernel's source is
 */
export async function kernelSource(
  version: string,
  { release, suite }: KernelImage,
  progress: Progress,
): Promise<string> {
  const name = `source-${version}-${hashOf(release, suite, ...FOLDERS, await readFile(SCRIPT))}`;
  const say = (text: string): void => progress.say('source', text);
  const folder = await cached(
    name,
    () => say('another process fetches it, waiting'),
    async (target) => {
      say(`fetching the source of ${release}`);
      const file = await downloadPackage(suite, `linux-source-${version}`, target);
      say('unpacking it');
      const unpacked = await execa('sh', [SCRIPT, version, ...FOLDERS], {
        env: environment,
        cwd: target,
        all: true,
        stdin: 'ignore',
        reject: false,
      });
      if (unpacked.failed) throw new LabError(`${file} could not be unpacked:\n${unpacked.all}`);
      await rm(file);
      progress.done('source', 'ready');
    },
  );
  progress.done('source');
  return folder;
}
