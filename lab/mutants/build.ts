import { copyFile, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { cached, hashOf, removeTree } from '../cache.ts';
import { type KernelImage, kernelImage } from '../image.ts';
import { DEFAULT_KERNEL, findKernel } from '../kernels.ts';
import { buildModules } from '../module.ts';
import type { Progress } from '../progress.ts';
import { kernelSource } from '../source.ts';
import { applyEdit } from './edit.ts';
import type { Mutant } from './mutants.ts';

/** Of all that is in drivers/infiniband/core, ib_uverbs alone; without debugging information, and so without BTF. */
const VARIABLES = [
  ...['CONFIG_INFINIBAND=', 'CONFIG_INFINIBAND_ADDR_TRANS=', 'CONFIG_INFINIBAND_USER_MAD='],
  ...['KCFLAGS=-g0', 'CONFIG_DEBUG_INFO_BTF_MODULES='],
];
const MODULE = 'ib_uverbs.ko';

/**
 * ib_uverbs.ko of a mutant, for the lab's default kernel, built from the kernel's source package. The first one takes
 * a minute, each other one a few seconds.
 * @param mutant null: the same source without an edit
 * @returns the host's path of the module
 * @throws EditError when an edit does not fit the source
 */
export async function mutantModule(mutant: Mutant | null, progress: Progress): Promise<string> {
  const image = await kernelImage(findKernel(DEFAULT_KERNEL), progress);
  const objects = await wholeBuild(image, progress);
  if (mutant === null) return join(objects, MODULE);
  const { name, edits } = mutant;
  const folder = await cached(
    `mutant-${name}-${hashOf(objects, JSON.stringify(edits))}`,
    () => progress.say(name, 'another process builds it, waiting'),
    async (target) => {
      progress.say(name, 'building');
      const work = join(target, 'work');
      await execa('cp', ['-a', objects, work]);
      for (const edit of edits) {
        const path = join(work, edit.file);
        await writeFile(path, applyEdit(await readFile(path, 'utf8'), edit));
      }
      await buildModules(image, work, VARIABLES);
      await copyFile(join(work, MODULE), join(target, MODULE));
      await removeTree(work);
    },
  );
  progress.done(name);
  return join(folder, MODULE);
}

/** A folder with the source of ib_uverbs and all its objects, so that a mutant needs only what its edit touches. */
async function wholeBuild(image: KernelImage, progress: Progress): Promise<string> {
  return cached(
    `uverbs-${hashOf(image.tree, image.release, ...VARIABLES)}`,
    () => progress.say('ib_uverbs', 'another process builds it, waiting'),
    async (target) => {
      const source = await kernelSource(DEFAULT_KERNEL, image, progress);
      progress.say('ib_uverbs', 'building');
      await cp(join(source, 'drivers/infiniband/core'), target, { recursive: true });
      await buildModules(image, target, VARIABLES);
      progress.done('ib_uverbs', 'ready');
    },
  );
}
