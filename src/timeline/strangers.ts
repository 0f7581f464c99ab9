/**
 * VMAs from before the trace, found when an event names them. They are born with the cause
 * `snapshot` and no parent. Whether a disassociation has zapped them already is not known.
 */

import type {
  DriverCloseEvent,
  UmapCloseEvent,
  UmapFaultEvent,
  UmapOpenEvent,
  ZapEvent,
} from '../event/events.gen.ts';
import { PAGE } from '../page.ts';
import { has, VM_IO, VM_PFNMAP } from './flags.ts';
import type { Parts } from './parts.ts';
import type { LiveVma } from './vma.ts';

/** Whether a VMA's flags are those that io_remap_pfn_range gives. */
export const isIoMapping = ({ flags }: { readonly flags: string }): boolean =>
  has(flags, VM_IO) && has(flags, VM_PFNMAP);

type NamingEvent = UmapCloseEvent | DriverCloseEvent | UmapFaultEvent | ZapEvent;

/** The live VMA that an event names, or one from before the trace. */
export function findVma(parts: Parts, event: NamingEvent): LiveVma {
  const { vmas, ufiles, mms } = parts;
  const known = vmas.get(event.vma);
  if (known !== undefined) {
    if (isSame(known, event)) return known;
    vmas.lose(known, event, `${known.id} was never closed: another VMA has its pointer`);
  }
  const tracked = event.what !== 'driver_close' && event.umap !== '0';
  const exact = event.what !== 'umap_fault';
  return vmas.add({
    event,
    pointer: event.vma,
    ufile: ufiles.of(event.ufile, event),
    space: mms.of(event.mm),
    kind: tracked ? 'io' : 'driver',
    cause: 'snapshot',
    parent: null,
    start: exact ? event.start : event.address,
    end: exact ? event.end : event.address + PAGE,
    pgoff: 0,
    pfn: null,
    flags: event.what === 'zap' ? event.flags : null,
    umap: event.what === 'driver_close' ? '0' : event.umap,
    state: event.what === 'driver_close' ? 'mapped' : 'unknown',
    exact,
  });
}

/** Whether it is the same generation of the pointer: umap, mm and ufile never change in a VMA's life. */
function isSame(vma: LiveVma, event: NamingEvent): boolean {
  if (vma.mm.pointer !== event.mm) return false;
  if (vma.ufile.pointer !== event.ufile && event.ufile !== '0') return false;
  return event.what === 'driver_close' || vma.umap === event.umap;
}

/** The parent that rdma_umap_open tells, with the range that it has before a split shortens it. */
export function findParent(parts: Parts, event: UmapOpenEvent): LiveVma {
  const { vmas, ufiles, mms } = parts;
  const range = { start: event.pstart, end: event.pend };
  const known = vmas.get(event.parent);
  if (known !== undefined) {
    if (known.mm.pointer === event.pmm) {
      vmas.check(known, event, range);
      return known;
    }
    vmas.lose(known, event, `${known.id} was never closed: another VMA has its pointer`);
  }
  const space = mms.of(event.pmm);
  mms.usedBy(space, event);
  return vmas.add({
    event,
    pointer: event.parent,
    ufile: ufiles.of(event.ufile, event),
    space,
    kind: 'io',
    cause: 'snapshot',
    parent: null,
    start: range.start,
    end: range.end,
    pgoff: event.pgoff, // the copy's; its own is known when a split leaves it its rest
    pfn: null,
    flags: event.flags,
    umap: event.inherited,
    state: 'unknown',
    exact: true,
  });
}
