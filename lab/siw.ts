import { copyFile, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, hashOf, removeTree } from './cache.ts';
import { kernelImage } from './image.ts';
import { findKernel } from './kernels.ts';
import { buildModules } from './module.ts';
import type { Progress } from './progress.ts';
import { kernelSource } from './source.ts';

/**
 * A second software driver: siw.ko for a kernel of the table, built from its source package, which is fetched and
 * never kept in the project. Takes half a minute the first time.
 * @returns the host's path of the module
 */
export async function siwModule(version: string, progress: Progress): Promise<string> {
  const image = await kernelImage(findKernel(version), progress);
  const folder = await cached(
    `siw-${hashOf(image.tree, image.release)}`,
    () => progress.say('siw', 'waiting for another process'),
    async (target) => {
      const source = await kernelSource(version, image, progress);
      progress.say('siw', 'building');
      const work = join(target, 'work');
      await cp(join(source, 'drivers/infiniband/sw/siw'), work, { recursive: true });
      await buildModules(image, work, ['CONFIG_RDMA_SIW=m']);
      await copyFile(join(work, 'siw.ko'), join(target, 'siw.ko'));
      await removeTree(work);
      progress.done('siw', 'ready');
    },
  );
  return join(folder, 'siw.ko');
}
