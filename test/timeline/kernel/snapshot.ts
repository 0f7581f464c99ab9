import type { Log } from './log.ts';
import { cgroupOf, type Process, type Task } from './objects.ts';
import { DRIVER_OPS, UMAP_OPS } from './rdma.ts';

/** What the iterators tell of one process: under its mmap_lock, so exact at that time. */
export function snapshot(log: Log, { pid, mm, fds }: Process): void {
  const task: Task = { pid, tid: pid, comm: `p${pid}`, cpu: 0 };
  for (const { pointer, start, end, pgoff, flags, ops, umap, ufile } of mm.vmas) {
    log.tell(task, {
      what: 'snapshot_vma',
      vma: pointer,
      mm: mm.pointer,
      start,
      end,
      pgoff,
      flags,
      ops: ops === 'umap' ? UMAP_OPS : DRIVER_OPS,
      private: umap?.pointer ?? '0',
      tracked: umap === null ? 0 : 1,
      ufile: ufile.pointer,
      rdev: ufile.device.rdev,
      cgroup: cgroupOf(pid),
    });
  }
  for (const [fd, { pointer, device }] of fds.entries()) {
    log.tell(task, { what: 'snapshot_fd', ufile: pointer, rdev: device.rdev, fd, cgroup: cgroupOf(pid) });
  }
}
