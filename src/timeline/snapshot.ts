/** What was there when the trace began, as the iterators tell it: exact at the time of its event. */
import type { SnapshotFdEvent, SnapshotVmaEvent } from '../event/events.gen.ts';
import type { Parts } from './parts.ts';
import { isIoMapping } from './strangers.ts';
import type { LiveVma } from './vma.ts';

/** A VMA that is there: one that is known, or one from before the trace. */
export function snapshotVma(parts: Parts, event: SnapshotVmaEvent): void {
  const { vmas, ufiles, mms, cgroups } = parts;
  const cgroup = cgroups.of(event.cgroup);
  const known = vmas.get(event.vma);
  if (known !== undefined && isSame(known, event)) {
    mms.usedBy(known.mm, event);
    mms.placedIn(known.mm, event, cgroup);
    vmas.check(known, event, event);
    known.pgoff = event.pgoff;
    known.flags = event.flags;
    return;
  }
  if (known !== undefined)
    vmas.lose(known, event, `${known.id} was never closed: another VMA has its pointer`);
  const tracked = event.tracked === 1;
  const space = mms.of(event.mm);
  mms.usedBy(space, event);
  mms.placedIn(space, event, cgroup);
  vmas.add({
    event,
    pointer: event.vma,
    ufile: ufiles.of(event.ufile, event, event.rdev),
    space,
    kind: tracked || isIoMapping(event) ? 'io' : 'driver',
    cause: 'snapshot',
    parent: null,
    start: event.start,
    end: event.end,
    pgoff: event.pgoff,
    pfn: null,
    flags: event.flags,
    umap: tracked ? event.private : '0',
    // A disassociation before the trace may have zapped it: its umap stays on it, and copies made later have none.
    state: tracked || isIoMapping(event) ? 'unknown' : 'mapped',
    exact: true,
  });
}

const isSame = (vma: LiveVma, event: SnapshotVmaEvent): boolean =>
  vma.mm.pointer === event.mm && vma.ufile.pointer === event.ufile;

/** A process has the ufile open. */
export function snapshotFd({ ufiles, changes, cgroups }: Parts, event: SnapshotFdEvent): void {
  const ufile = ufiles.of(event.ufile, event, event.rdev);
  changes.tell({ what: 'ufile-held', event, ufile, fd: event.fd, cgroup: cgroups.of(event.cgroup) });
}
