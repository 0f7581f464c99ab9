import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { contained, environment, LabError, requireRoot } from './host.ts';
import type { KernelImage } from './image.ts';

const SCRIPT = fileURLToPath(new URL('module.sh', import.meta.url));

/**
 * Builds the modules of a folder of kernel source, in place. What is up to date there is not built again.
 * @param variables make's, such as `CONFIG_RDMA_SIW=m`
 * @throws LabError with all that make said
 */
export async function buildModules(
  { tree, release }: KernelImage,
  folder: string,
  variables: readonly string[],
): Promise<void> {
  requireRoot('building a module');
  const [file, args] = contained(['sh', SCRIPT, tree, folder, release, ...variables]);
  const built = await execa(file, args, { env: environment, all: true, stdin: 'ignore', reject: false });
  if (built.failed) throw new LabError(`a module for ${release} could not be built:\n${built.all}`);
}
