import { chmod, cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { cached, hashOf, removeTree } from './cache.ts';
import { contained, environment, LabError, requireRoot } from './host.ts';
import { compilerTree, type KernelImage } from './image.ts';
import { runsIn } from './kernels.ts';
import type { Progress } from './progress.ts';

const LAB = fileURLToPath(new URL('.', import.meta.url));
const SCRIPT = join(LAB, 'compile.sh');
const SOURCES = ['fixture', 'guest', 'workloads'];

/**
 * The folder that a guest sees as /lab/build: the fixture module for its kernel and the programs for its
 * user space. Takes seconds, and is redone only when a source has changed.
 */
export async function guestBuild(image: KernelImage, userland: string, progress: Progress): Promise<string> {
  const recipe = [await readFile(SCRIPT), await readFile(new URL(import.meta.url))];
  const identity = [...(await readSources(SOURCES)), ...recipe, image.tree, userland];
  const say = (text: string): void => progress.say('build', text);
  const waiting = (): void => say('another process is building, waiting');
  const folder = await cached(`build-${hashOf(...identity)}`, waiting, async (target) => {
    requireRoot('building the fixture');
    say(`fixture for ${image.release}`);
    await compile('module', image.tree, target, image.release);
    say('workloads');
    const tree = runsIn(image.suite, userland) ? image.tree : await compilerTree(userland, progress);
    await compile('programs', tree, target, '');
    progress.done('build', 'fixture and workloads are built');
  });
  progress.done('build');
  return folder;
}

async function readSources(folders: readonly string[]): Promise<(string | Buffer)[]> {
  const sources: (string | Buffer)[] = [];
  for (const folder of folders) {
    const names = await readdir(join(LAB, folder));
    for (const name of names.filter(isSource).sort()) {
      sources.push(`${folder}/${name}`, await readFile(join(LAB, folder, name)));
    }
  }
  return sources;
}

function isSource(name: string): boolean {
  return /\.[ch]$/.test(name) || name === 'Kbuild' || name === 'Makefile';
}

async function compile(
  what: 'module' | 'programs',
  tree: string,
  target: string,
  release: string,
): Promise<void> {
  const work = join(target, `${what}.work`);
  await mkdir(join(work, 'out'), { recursive: true });
  for (const folder of SOURCES) {
    await cp(join(LAB, folder), join(work, folder), { recursive: true });
  }
  const [file, args] = contained(['sh', SCRIPT, tree, work, what, release]);
  const result = await execa(file, args, { env: environment, all: true, stdin: 'ignore', reject: false });
  if (result.failed) throw new LabError(`the ${what} could not be built:\n${result.all}`);
  await cp(join(work, 'out'), target, { recursive: true });
  await removeTree(work);
  await chmod(target, 0o755);
}
