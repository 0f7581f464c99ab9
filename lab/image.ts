import { appendFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { findMirror, keyringHint, packageNames } from './archive.ts';
import { cached, hashOf, removeTree } from './cache.ts';
import { environment, LabError, requireRoot } from './host.ts';
import { writeInitrd } from './initrd.ts';
import { type Kernel, newestKernelPackage } from './kernels.ts';
import type { Progress } from './progress.ts';
import { buildTree } from './tree.ts';

/** A kernel ready to boot, and the tree in which modules and programs for it are built. */
export type KernelImage = {
  readonly release: string;
  readonly suite: string;
  readonly vmlinuz: string;
  readonly initrd: string;
  readonly modules: string;
  readonly tree: string;
};

const GUEST_PACKAGES = [
  ...['bpftrace', 'iproute2', 'rdma-core', 'ibverbs-utils', 'ibverbs-providers', 'perftest', 'trace-cmd'],
  ...['kmod', 'util-linux', 'procps', 'mount', 'sudo', 'passwd', 'libstdc++6'],
];
const TREE_PACKAGES = ['gcc', 'make', 'libc6-dev', 'libibverbs-dev', 'xz-utils', 'zstd', 'kmod'];
/** Never wanted in the guest, and most of a kernel's size. */
const PRUNED_MODULES = [
  'drivers/gpu',
  'drivers/media',
  'drivers/net/wireless',
  'drivers/iio',
  'drivers/staging',
  'sound',
];
const INITRD_INIT = new URL('guest/initrd-init', import.meta.url);

/** The kernel's image; built when it is not in the cache. */
export async function kernelImage(kernel: Kernel, progress: Progress): Promise<KernelImage> {
  const recipe = JSON.stringify([kernel.version, kernel.suites, TREE_PACKAGES, PRUNED_MODULES]);
  const hash = hashOf(recipe, await readFile(INITRD_INIT), await thisFile(), await treeFile());
  const build = (target: string, say: Say): Promise<void> => buildKernel(kernel, target, say);
  const name = `kernel-${kernel.version}-${hash}`;
  return describe(await built(name, `kernel ${kernel.version}`, progress, build));
}

/** The root disk of a suite's user space; built when it is not in the cache. */
export async function userlandImage(suite: string, progress: Progress): Promise<string> {
  const hash = hashOf(JSON.stringify(GUEST_PACKAGES), await thisFile(), await treeFile());
  const build = (target: string, say: Say): Promise<void> => buildUserland(suite, target, say);
  const folder = await built(`userland-${suite}-${hash}`, `userland ${suite}`, progress, build);
  return join(folder, 'root.ext4');
}

/** A tree of a suite with a compiler and no kernel, for programs that a kernel's own tree cannot build. */
export async function compilerTree(suite: string, progress: Progress): Promise<string> {
  const hash = hashOf(JSON.stringify(TREE_PACKAGES), await treeFile());
  const build = async (target: string, say: Say): Promise<void> =>
    buildTree({
      suite,
      mirror: await findMirror(),
      packages: TREE_PACKAGES,
      folder: join(target, 'tree'),
      say,
    });
  return join(await built(`compiler-${suite}-${hash}`, `compiler ${suite}`, progress, build), 'tree');
}

type Say = (text: string) => void;

async function built(
  name: string,
  task: string,
  progress: Progress,
  build: (target: string, say: Say) => Promise<void>,
): Promise<string> {
  const say: Say = (text) => progress.say(task, text);
  const onWait = (): void => say('another process is building it, waiting');
  const folder = await cached(name, onWait, async (target) => {
    requireRoot('building a lab image');
    await build(target, say);
    progress.done(task, 'ready');
  });
  progress.done(task);
  return folder;
}

const thisFile = (): Promise<Buffer> => readFile(new URL(import.meta.url));
const treeFile = (): Promise<Buffer> => readFile(new URL('tree.ts', import.meta.url));

async function describe(folder: string): Promise<KernelImage> {
  const [release = '', suite = ''] = (await readFile(join(folder, 'release'), 'utf8')).split('\n');
  const vmlinuz = join(folder, 'tree/boot', `vmlinuz-${release}`);
  const [initrd, modules, tree] = ['initrd', 'modules.ext4', 'tree'].map((name) => join(folder, name));
  if (!initrd || !modules || !tree) throw new LabError(`${folder} is damaged`);
  return { release, suite, vmlinuz, initrd, modules, tree };
}

async function buildKernel(kernel: Kernel, target: string, say: Say): Promise<void> {
  const mirror = await findMirror();
  const { suite, image } = await findPackage(kernel, mirror, say);
  const release = image.replace('linux-image-', '');
  const tree = join(target, 'tree');
  const headers = image.replace('image', 'headers');
  const packages = [...TREE_PACKAGES, 'busybox-static', 'initramfs-tools', image, headers];
  await buildTree({
    suite,
    mirror,
    packages,
    folder: tree,
    say: (text) => say(`${text} (${release}, ${suite})`),
  });
  say('making the initrd and the disk of modules');
  await execa('chroot', [tree, 'depmod', release], { env: environment });
  await writeInitrd(tree, release, await readFile(INITRD_INIT), join(target, 'initrd'));
  await makeModulesDisk(tree, release, target);
  await writeFile(join(target, 'release'), `${release}\n${suite}\n`);
}

async function findPackage(
  kernel: Kernel,
  mirror: string,
  say: Say,
): Promise<{ suite: string; image: string }> {
  const problems: string[] = [];
  for (const suite of kernel.suites) {
    say(`asking the archive for ${suite}'s kernels`);
    const names = await packageNames(suite, mirror, `linux-image-${kernel.version}.`).catch(
      (error: unknown) => {
        problems.push(String(error) + keyringHint(String(error)));
        return [];
      },
    );
    const image = newestKernelPackage(names, kernel.version);
    if (image) return { suite, image };
  }
  const where = kernel.suites.join(' or ');
  if (problems.length === 0)
    throw new LabError(`Debian has no ${kernel.version} kernel any more in ${where}`);
  throw new LabError([`no ${kernel.version} kernel was found in ${where}:`, ...problems].join('\n'));
}

async function makeModulesDisk(tree: string, release: string, target: string): Promise<void> {
  const stage = join(target, 'stage');
  await mkdir(stage);
  await execa('cp', ['-al', join(tree, 'lib/modules', release), join(stage, release)]);
  for (const folder of PRUNED_MODULES) await removeTree(join(stage, release, 'kernel', folder));
  await makeDisk(stage, join(target, 'modules.ext4'), 16);
  await removeTree(stage);
}

async function buildUserland(suite: string, target: string, say: Say): Promise<void> {
  const root = join(target, 'root');
  await buildTree({ suite, mirror: await findMirror(), packages: GUEST_PACKAGES, folder: root, say });
  say('making the root disk');
  await prepareGuest(root);
  await makeDisk(root, join(target, 'root.ext4'), 1024);
  await removeTree(root);
}

/** What a guest needs beside its packages: mount points, a user, names. */
async function prepareGuest(root: string): Promise<void> {
  await execa('chroot', [root, 'useradd', '--create-home', '--uid', '1000', '--shell', '/bin/bash', 'lab'], {
    env: environment,
  });
  for (const folder of ['lab/checkout', 'lab/node', 'lab/build', 'share', 'usr/lib/modules']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await writeFile(join(root, 'etc/sudoers.d/lab'), 'lab ALL=(ALL) NOPASSWD: ALL\n', { mode: 0o440 });
  await writeFile(join(root, 'etc/hostname'), 'lab\n');
  await appendFile(join(root, 'etc/hosts'), '127.0.0.1 localhost lab\n');
  await symlink('/lab/checkout/lab/guest/bin/umaptrace', join(root, 'usr/local/bin/umaptrace'));
  await symlink('/lab/node/node', join(root, 'usr/local/bin/node'));
  for (const name of await readdir(join(root, 'var/cache/apt')))
    await removeTree(join(root, 'var/cache/apt', name));
}

/** An ext4 disk with a folder's files, made without mounting anything. */
async function makeDisk(folder: string, target: string, spareMegabytes: number): Promise<void> {
  const used = await execa('du', ['-sm', '--apparent-size', folder]);
  const size = Math.ceil(Number.parseInt(used.stdout, 10) * 1.2) + spareMegabytes;
  const features = '^has_journal,^metadata_csum';
  await execa('mke2fs', ['-q', '-t', 'ext4', '-O', features, '-m', '0', '-d', folder, target, `${size}M`], {
    env: environment,
  });
}
