import type { MmapEvent, MmapIoEvent } from '../event/events.gen.ts';
import type { Parts } from './parts.ts';
import type { LiveVma } from './vma.ts';

/** rdma_user_mmap_io returned 0: a tracked VMA is born, in the mm of the current process. */
export function mmapIo(parts: Parts, event: MmapIoEvent): void {
  born(parts, event, 'io', event.pfn, event.umap);
}

/** An mmap of a ufile failed. */
export function mmapFailed({ changes, ufiles }: Parts, event: MmapIoEvent | MmapEvent): void {
  const { start, end, ret } = event;
  const ufile = ufiles.of(event.ufile, event, event.rdev);
  changes.tell({ what: 'mmap-failed', event, ufile, errno: -ret, start, end });
}

/** ib_uverbs_mmap returned: it failed, or the driver mapped memory in its own way. */
export function mmap(parts: Parts, event: MmapEvent): void {
  const { vmas, changes } = parts;
  const known = vmas.get(event.vma);
  const current = known !== undefined && bornIn(known, event);
  if (event.ret === 0) {
    if (!current || known.origin.event.what !== 'driver_open')
      born(parts, event, 'driver', event.pfn === 0 ? null : event.pfn, '0');
    return;
  }
  if (current) {
    vmas.remove(known, event);
    changes.tell({ what: 'vma-stillborn', event, vma: known, errno: -event.ret });
    return;
  }
  if (known !== undefined) vmas.lose(known, event, `${known.id} was never closed: a new VMA has its pointer`);
  mmapFailed(parts, event);
}

/** Whether the VMA was born within the mmap that now returns. */
function bornIn(vma: LiveVma, event: MmapEvent): boolean {
  const { event: birth } = vma.origin;
  if (birth.what !== 'mmap_io' && birth.what !== 'driver_open') return false;
  return (
    birth.tid === event.tid &&
    vma.mm.pointer === event.mm &&
    vma.start === event.start &&
    vma.end === event.end
  );
}

function born(
  { ufiles, mms, vmas, ram, cgroups }: Parts,
  event: MmapIoEvent | MmapEvent,
  kind: 'io' | 'driver',
  pfn: number | null,
  umap: string,
): void {
  const ufile = ufiles.of(event.ufile, event, event.rdev);
  const space = mms.of(event.mm);
  mms.usedBy(space, event, event.owner === 0 ? undefined : event.owner);
  mms.placedIn(space, event, cgroups.of(event.cgroup));
  vmas.add({
    event,
    pointer: event.vma,
    ufile,
    space,
    kind,
    cause: 'mmap',
    parent: null,
    start: event.start,
    end: event.end,
    pgoff: event.pgoff,
    pfn,
    ram: pfn === null ? null : ram.has(pfn),
    flags: event.flags,
    umap,
    state: 'mapped',
    exact: true,
  });
}
