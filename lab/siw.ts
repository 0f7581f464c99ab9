import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { downloadPackage } from './archive.ts';
import { cached, hashOf, removeTree } from './cache.ts';
import { contained, environment, LabError, requireRoot } from './host.ts';
import { kernelImage } from './image.ts';
import { findKernel } from './kernels.ts';
import type { Progress } from './progress.ts';

const SCRIPT = fileURLToPath(new URL('siw.sh', import.meta.url));

/**
 * A second software driver: siw.ko for a kernel of the table, built from its source package, which is fetched and
 * never kept in the project. Takes half a minute the first time.
 * @returns the host's path of the module
 */
export async function siwModule(version: string, progress: Progress): Promise<string> {
  const kernel = findKernel(version);
  const image = await kernelImage(kernel, progress);
  const folder = await cached(
    `siw-${hashOf(image.tree, image.release)}`,
    () => progress.say('siw', 'waiting for another process'),
    async (target) => {
      requireRoot('building siw');
      const work = join(target, 'work');
      await mkdir(work, { recursive: true });
      progress.say('siw', `fetching the source of ${image.release}`);
      await downloadPackage(image.suite, `linux-source-${version}`, work);
      progress.say('siw', 'building');
      const [file, args] = contained(['sh', SCRIPT, image.tree, work, version, image.release]);
      const built = await execa(file, args, { env: environment, all: true, stdin: 'ignore', reject: false });
      if (built.failed) throw new LabError(`siw could not be built:\n${built.all}`);
      await copyFile(
        join(work, `linux-source-${version}/drivers/infiniband/sw/siw/siw.ko`),
        join(target, 'siw.ko'),
      );
      await removeTree(work);
      progress.done('siw', 'ready');
    },
  );
  return join(folder, 'siw.ko');
}
