/** A disk that outlives its guest, as an image file on the host; nothing is mounted here. */
import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { environment } from './host.ts';

/** Sparse: it takes what is written to it. */
const SIZE = '512M';
/** e2fsck: nothing was wrong, or all that was is corrected. */
const MENDED = [0, 1];

/** Makes an empty ext4 image, unless the file is there. */
export async function makeDisk(image: string): Promise<void> {
  if (existsSync(image)) return;
  await execa('mke2fs', ['-q', '-t', 'ext4', '-m', '0', image, SIZE], { env: environment });
}

/**
 * Copies a file out of an image that no guest uses any more. The journal is replayed first, as the next mount would:
 * what a guest that crashed had brought to its disk is there, and nothing else.
 * @param path of the file in the image, absolute
 */
export async function copyFromDisk(image: string, path: string, target: string): Promise<void> {
  const check = await execa('e2fsck', ['-fy', image], { env: environment, reject: false });
  if (check.exitCode === undefined || !MENDED.includes(check.exitCode)) throw check;
  await execa('debugfs', ['-R', `dump ${path} ${target}`, image], { env: environment });
  if (!existsSync(target)) throw new Error(`${image} has no ${path}`);
}
