import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { environment } from './host.ts';

/** What the first program in the guest needs to reach its disks and the host's folders. */
const BOOT_MODULES = [
  'virtio_pci',
  'virtio_blk',
  'crc32c_generic',
  'crc32c_cryptoapi',
  'ext4',
  '9pnet_virtio',
  '9p',
];

type Entry = { readonly path: string; readonly mode: number; readonly data: Uint8Array };

/** A cpio archive in the "newc" format, which is what a kernel unpacks as its initrd. */
export function cpio(entries: readonly Entry[]): Buffer {
  const trailer: Entry = { path: 'TRAILER!!!', mode: 0, data: new Uint8Array() };
  return Buffer.concat([...entries, trailer].flatMap((entry, index) => cpioEntry(entry, index + 1)));
}

function cpioEntry(entry: Entry, inode: number): Buffer[] {
  const name = Buffer.from(`${entry.path}\0`);
  // inode, mode, uid, gid, links, mtime, size, device major and minor (twice), name length, checksum
  const fields = [inode, entry.mode, 0, 0, 1, 0, entry.data.length, 0, 0, 0, 0, name.length, 0];
  const hex = fields.map((field) => field.toString(16).padStart(8, '0')).join('');
  return [padded(Buffer.concat([Buffer.from(`070701${hex}`), name])), padded(entry.data)];
}

function padded(data: Uint8Array): Buffer {
  return Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
}

/** Paths of the modules and all that they depend on, in the order to load them, from the text of modules.dep. */
export function loadOrder(modulesDep: string, wanted: readonly string[]): string[] {
  const needs = new Map<string, string[]>();
  for (const line of modulesDep.split('\n')) {
    const [path, rest] = line.split(':');
    if (path && rest !== undefined)
      needs.set(
        path,
        rest.split(' ').filter((word) => word !== ''),
      );
  }
  const byName = new Map([...needs.keys()].map((path) => [moduleName(path), path]));
  const order = new Set<string>();
  for (const name of wanted) {
    const path = byName.get(name);
    if (path === undefined) continue; // built in, or not in this kernel
    // modules.dep names the whole closure, nearest first.
    for (const needed of (needs.get(path) ?? []).toReversed()) order.add(needed);
    order.add(path);
  }
  return [...order];
}

function moduleName(path: string): string {
  return basename(path)
    .replace(/\.ko(\.\w+)?$/, '')
    .replaceAll('-', '_');
}

/** Writes the initrd for the kernel that is installed in a tree. */
export async function writeInitrd(
  tree: string,
  release: string,
  init: Uint8Array,
  target: string,
): Promise<void> {
  const modules = join('/lib/modules', release);
  const paths = loadOrder(await readFile(join(tree, modules, 'modules.dep'), 'utf8'), BOOT_MODULES);
  const files: Entry[] = [];
  for (const path of paths)
    files.push(file(`modules/${moduleName(path)}.ko`, await unpacked(tree, join(modules, path))));
  const order = paths.map((path) => `${moduleName(path)}.ko\n`).join('');
  const folders = ['bin', 'dev', 'proc', 'sys', 'root', 'modules'].map(folder);
  const busybox = await readFile(join(tree, 'bin/busybox'));
  const programs = [file('init', init, 0o755), file('bin/busybox', busybox, 0o755)];
  await writeFile(
    target,
    cpio([...folders, ...programs, ...files, file('modules/order', Buffer.from(order))]),
  );
}

function folder(path: string): Entry {
  return { path, mode: 0o040755, data: new Uint8Array() };
}

function file(path: string, data: Uint8Array, permissions = 0o644): Entry {
  return { path, mode: 0o100000 | permissions, data };
}

async function unpacked(tree: string, path: string): Promise<Uint8Array> {
  const tool = path.endsWith('.xz') ? 'xz' : path.endsWith('.zst') ? 'zstd' : 'cat';
  const options = tool === 'cat' ? [] : ['-dc'];
  const result = await execa('chroot', [tree, tool, ...options, path], {
    env: environment,
    encoding: 'buffer',
  });
  return result.stdout;
}
