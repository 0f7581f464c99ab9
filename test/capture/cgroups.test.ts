import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CgroupPaths, cgroupRoot, cgroupsIn } from '../../src/capture/cgroups.ts';
import { encodeEvent } from '../../src/event/codec.ts';
import { Origin } from '../../src/event/event.ts';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import type { CgroupInput } from '../../src/recording/format.ts';
import { mmapIo, open, removeBegin, zappingBegin } from '../recording/sample.ts';

describe('cgroupRoot', () => {
  it('is where the whole of v2 is mounted', () => {
    const v1 = '30 23 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n';
    const part = '31 23 0:27 /docker/1 /sys/fs/cgroup rw - cgroup2 cgroup rw\n';
    const whole = '32 23 0:27 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n';
    expect(cgroupRoot(v1 + part + whole)).toBe('/sys/fs/cgroup/unified');
    expect(cgroupRoot(v1 + part)).toBeNull();
    expect(cgroupRoot('')).toBeNull();
  });
});

const mapping = { vma: '1', mm: '2', start: 4096, pages: 1, umap: '3' };

function lines(...events: [pid: number, body: object][]): Buffer {
  const head = { n: 0, ns: 5, cpu: 0, seq: 1 };
  const all = events.map(([pid, body]) => ({ ...head, pid, tid: pid, comm: 'x', ...body }) as UmapEvent);
  return Buffer.from(all.map((event) => `${encodeEvent(event, new Origin(0n))}\n`).join(''));
}

describe('cgroupsIn', () => {
  it('finds the ids in events that have one, with a pid', () => {
    const block = lines(
      [10, { ...open(), cgroup: 100 }],
      [11, removeBegin()],
      [12, { ...mmapIo(mapping, 1), cgroup: 101 }],
      [13, { ...mmapIo(mapping, 1), cgroup: 100 }],
      [14, { ...mmapIo(mapping, 1), cgroup: 0 }],
      [15, zappingBegin()],
    );
    expect([...cgroupsIn(block)]).toEqual([
      [100, 10],
      [101, 12],
    ]);
  });

  it('takes anything else for what it is', () => {
    for (const text of ['', '\n\n', 'M', 'FO\n', 'M 1 2 zz\n', 'Failed to attach 12\n', '{"note":1}\n']) {
      expect([...cgroupsIn(Buffer.from(text))]).toEqual([]);
    }
  });
});

describe('CgroupPaths', () => {
  let root: string;
  const inode = async (path: string): Promise<number> => (await stat(join(root, path))).ino;
  const GONE = 2 ** 22 + 1; // no pid

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'umaptrace-'));
    await mkdir(join(root, 'a/b\u001b[31m'), { recursive: true });
    await mkdir(join(root, 'c'));
  });
  afterAll(() => rm(root, { recursive: true }));

  const named = (pid: number, cgroup: number): Buffer => lines([pid, { ...open(), cgroup }]);

  it('searches for the cgroups of processes that are gone, each once', async () => {
    const paths = new CgroupPaths(root);
    const found: CgroupInput[] = [];
    const [deep, other] = [await inode('a/b\u001b[31m'), await inode('c')];
    expect(paths.see(named(GONE, deep))).toEqual([]);
    expect(paths.see(named(GONE, other))).toEqual([]);
    expect(paths.see(named(GONE, 1))).toEqual([]);
    await paths.finish((one) => found.push(one));
    expect(found).toHaveLength(2);
    expect(found).toContainEqual({ cgroup: { id: deep, path: '/a/b\u001b[31m' } });
    expect(found).toContainEqual({ cgroup: { id: other, path: '/c' } });
    expect(paths.see(named(GONE, other))).toEqual([]);
    await paths.finish((one) => found.push(one));
    expect(found).toHaveLength(2);
  });

  it('finds at the end what was seen while it searched', async () => {
    const paths = new CgroupPaths(root);
    const found: CgroupInput[] = [];
    paths.see(named(GONE, await inode('c')));
    void paths.search((one) => found.push(one));
    paths.see(named(GONE, await inode('/')));
    await paths.finish((one) => found.push(one));
    expect(found.map(({ cgroup }) => cgroup.path)).toEqual(['/c', '/']);
  });

  it('believes a process only when the inode is that of the id', async () => {
    const paths = new CgroupPaths(root);
    expect(paths.see(named(process.pid, 12345))).toEqual([]);
  });

  it('knows nothing where v2 is not mounted', async () => {
    const paths = new CgroupPaths(null);
    expect(paths.mounted).toBe(false);
    expect(paths.see(named(process.pid, 1))).toEqual([]);
    await paths.finish(() => expect.unreachable());
  });
});
