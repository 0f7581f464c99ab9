import type { UmapOpenEvent } from '../event/events.gen.ts';
import { PAGE } from '../page.ts';
import type { Space } from './mms.ts';
import type { VmaState } from './model.ts';
import type { CopyEvent, Lineage } from './parents.ts';
import type { Parts } from './parts.ts';
import { findParent, isIoMapping } from './strangers.ts';
import type { LiveVma, Range } from './vma.ts';

/** rdma_umap_open returned: a VMA was copied by fork, split or mremap. */
export function umapOpen(parts: Parts, event: UmapOpenEvent): void {
  const told = event.inherited !== '0' && event.parent !== '0';
  copied(parts, event, told ? tell(parts, event) : infer(parts, event));
}

/**
 * A driver's vm_ops->open: false while it may be the birth in an mmap as well, which only the next
 * event of the thread tells. A part of a live VMA, or the same place in another mm, is none.
 */
export function driverOpen(parts: Parts, event: CopyEvent): boolean {
  const lineage = infer(parts, event);
  if (lineage === null || lineage.cause === 'mremap') return false;
  copied(parts, event, lineage);
  return true;
}

/** It was a copy after all: by mremap, or of a VMA from before the trace. */
export function driverCopied(parts: Parts, event: CopyEvent): void {
  copied(parts, event, infer(parts, event));
}

/** A copy of a VMA that nobody has heard of, if `lineage` is null. */
function copied(parts: Parts, event: CopyEvent, lineage: Lineage | null): void {
  const { mms, vmas } = parts;
  const space = spaceOf(parts, event, lineage);
  if (lineage !== null && (lineage.sure || lineage.cause !== 'fork')) mms.usedBy(lineage.parent.mm, event);
  const before = lineage === null ? null : { start: lineage.parent.start, end: lineage.parent.end };
  const pfn = lineage === null ? null : pfnOf(event, lineage);
  const shrunk = lineage?.cause === 'split' && leave(parts, event, lineage.parent);
  const vma = vmas.add({
    event,
    pointer: event.vma,
    ufile: lineage?.parent.ufile ?? parts.ufiles.of(event.ufile, event),
    space,
    kind: lineage?.parent.kind ?? (isIoMapping(event) ? 'io' : 'driver'),
    cause: lineage?.cause ?? 'snapshot',
    parent: lineage?.parent ?? null,
    start: event.start,
    end: event.end,
    pgoff: event.pgoff,
    pfn,
    flags: event.flags,
    umap: event.what === 'umap_open' ? event.umap : '0',
    state: stateOf(event, lineage),
    exact: true,
  });
  if (lineage === null || before === null || lineage.cause !== 'split') return;
  if (shrunk) parts.changes.tell({ what: 'vma-shrunk', event, vma: lineage.parent, from: before });
  else tellNoSplit(parts, event, vma, lineage.parent);
}

function infer(parts: Parts, event: CopyEvent): Lineage | null {
  return parts.parents.infer(event, parts.ufiles.of(event.ufile, event));
}

/** What rdma_umap_open's entry tells: the umap that the new VMA still points at is its parent's. */
function tell(parts: Parts, event: UmapOpenEvent): Lineage {
  const parent = findParent(parts, event);
  if (event.pmm !== event.mm) return { cause: 'fork', parent, sure: true };
  const inside = event.start >= event.pstart && event.end <= event.pend;
  return { cause: inside ? 'split' : 'mremap', parent, sure: true };
}

/** Where the copy lies: in its parent's mm, unless fork made it. */
function spaceOf(parts: Parts, event: CopyEvent, lineage: Lineage | null): Space {
  if (lineage?.cause === 'fork') return childSpace(parts, event);
  return lineage === null ? parts.mms.of(event.mm) : lineage.parent.mm;
}

/** The mm that fork fills; one that has a process already is an older mm whose closes were missed. */
function childSpace({ mms, vmas }: Parts, event: CopyEvent): Space {
  const space = mms.of(event.mm);
  if (space.pid === null) {
    space.forked = true;
    return space;
  }
  vmas.loseAll(space, event, `a new process has its mm`);
  const child = mms.of(event.mm);
  child.forked = true;
  return child;
}

/** __split_vma: the parent is left with what the new VMA does not take. False when that is no end of it. */
function leave({ vmas }: Parts, { start, end, pgoff }: CopyEvent, parent: LiveVma): boolean {
  const rest: Range | null =
    start === parent.start && end < parent.end
      ? { start: end, end: parent.end }
      : end === parent.end && start > parent.start
        ? { start: parent.start, end: start }
        : null;
  if (rest === null) return false;
  parent.pgoff = pgoff - (start - parent.start) / PAGE;
  vmas.resize(parent, rest);
  return true;
}

function tellNoSplit({ changes }: Parts, event: CopyEvent, vma: LiveVma, parent: LiveVma): void {
  const message = `${vma.id} lies inside ${parent.id}, which it was split from, at neither end`;
  changes.tell({ what: 'mismatch', event, vma: parent, message });
}

function pfnOf(event: CopyEvent, { cause, parent }: Lineage): number | null {
  if (parent.pfn === null) return null;
  if (cause === 'mremap') return parent.pfn + (event.pgoff - parent.pgoff);
  return parent.pfn + (event.start - parent.start) / PAGE;
}

/**
 * A copy maps what its parent maps. Only when rdma_umap_open has dropped the umap it differs:
 * it zaps the new VMA, which is final for a split, but mremap moves page table entries into it
 * afterwards, and fork copies them afterwards in some kernels (6.9 on).
 */
function stateOf(event: CopyEvent, lineage: Lineage | null): VmaState {
  if (lineage === null) return event.what === 'umap_open' ? 'unknown' : 'mapped';
  const { parent, cause } = lineage;
  if (!lineage.sure && parent.kind === 'io') return 'unknown';
  const dropped = event.what === 'umap_open' && event.umap === '0' && event.inherited !== '0';
  if (!dropped) return parent.state;
  if (cause === 'split') return 'zapped';
  return parent.state === 'mapped' ? 'unknown' : parent.state;
}
