import { expect, it } from 'vitest';
import { cpio, loadOrder } from '../../lab/initrd.ts';

const MODULES_DEP = `kernel/fs/ext4/ext4.ko.xz: kernel/lib/crc16.ko.xz kernel/fs/mbcache.ko.xz kernel/fs/jbd2/jbd2.ko.xz
kernel/fs/9p/9p.ko.xz: kernel/net/9p/9pnet.ko.xz kernel/fs/netfs/netfs.ko.xz
kernel/net/9p/9pnet.ko.xz: kernel/fs/netfs/netfs.ko.xz
kernel/net/9p/9pnet_virtio.ko.xz: kernel/net/9p/9pnet.ko.xz kernel/fs/netfs/netfs.ko.xz
kernel/fs/netfs/netfs.ko.xz:
kernel/drivers/char/virtio-rng.ko.xz:
`;

it('loads what a module needs before it, each once', () => {
  expect(loadOrder(MODULES_DEP, ['9pnet_virtio', 'built_in', '9p', 'virtio_rng'])).toEqual([
    'kernel/fs/netfs/netfs.ko.xz',
    'kernel/net/9p/9pnet.ko.xz',
    'kernel/net/9p/9pnet_virtio.ko.xz',
    'kernel/fs/9p/9p.ko.xz',
    'kernel/drivers/char/virtio-rng.ko.xz',
  ]);
});

it('writes what cpio reads', () => {
  const archive = cpio([
    { path: 'bin', mode: 0o040755, data: new Uint8Array() },
    { path: 'bin/odd', mode: 0o100755, data: Buffer.from('five!') },
  ]);
  expect(archive.length % 4).toBe(0);
  expect(archive.toString('latin1')).toMatch(/^070701.{104}bin\0/);
  expect(archive.toString('latin1')).toContain('TRAILER!!!');
});
