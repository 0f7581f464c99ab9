/** Who maps or holds what, of a timeline that is a snapshot. */

import type { AuditEvent } from '../event/events.gen.ts';
import { PAGE } from '../page.ts';
import type { Change, Ufile, Vma } from '../timeline/model.ts';
import { countPages, type PageCounts } from '../timeline/pages.ts';
import type { Timeline } from '../timeline/timeline.ts';

/** A VMA as `ps` lists it; addresses are hex text. */
export interface HeldVma {
  readonly vma: string;
  readonly start: string;
  readonly end: string;
  readonly pages: number;
  readonly kind: Vma['kind'];
  /** What its page tables map; null when they were not asked for, or belong to the driver. */
  readonly pte: HeldPages | null;
}

/** Pages by what they map, and the first page of the device. */
export interface HeldPages extends Omit<PageCounts, 'pages'> {
  /** Its page table entry and page frame, hex text; null when there is none. */
  readonly entry: string | null;
  readonly pfn: string | null;
}

/** A process that has a ufile: by a mapping, by a descriptor, or both. */
export interface Holder {
  readonly device: string | null;
  readonly uverbs: string | null;
  readonly ufile: string;
  readonly pid: number;
  readonly comm: string;
  /** Path of its cgroup, which names its container; null when unknown or at the root. */
  readonly cgroup: string | null;
  readonly fds: readonly number[];
  readonly vmas: readonly HeldVma[];
}

const hex = (address: number): string => `0x${address.toString(16)}`;

/** Page tables as they were read, by VMA. */
export type Audits = ReadonlyMap<string, AuditEvent>;

/** A VMA that has moved since it was listed was not read. */
function heldPages({ pointer, mm, start, end }: Vma, audits: Audits): HeldPages | null {
  const event = audits.get(pointer);
  if (event === undefined) return null;
  if (event.mm !== mm.pointer || event.start !== start || event.end !== end) return null;
  const { pages: _, ...counts } = countPages(event, null);
  const has = counts.device > 0;
  return { ...counts, entry: has ? `0x${event.entry}` : null, pfn: has ? hex(event.frame) : null };
}

const heldVma = (vma: Vma, audits: Audits): HeldVma => ({
  vma: vma.id,
  start: hex(vma.start),
  end: hex(vma.end),
  pages: (vma.end - vma.start) / PAGE,
  kind: vma.kind,
  pte: heldPages(vma, audits),
});

interface Owner {
  readonly comm: string;
  readonly fds: number[];
  readonly vmas: Vma[];
}

function ownersOf(ufile: Ufile, changes: readonly Change[]): Map<number, Owner> {
  const owners = new Map<number, Owner>();
  const owner = (pid: number, comm: string): Owner => {
    const known = owners.get(pid) ?? { comm, fds: [], vmas: [] };
    owners.set(pid, known);
    return known;
  };
  for (const vma of ufile.vmas) {
    if (vma.mm.pid !== null) owner(vma.mm.pid, vma.mm.comm).vmas.push(vma);
  }
  for (const change of changes) {
    if (change.what === 'ufile-held' && change.ufile === ufile) {
      owner(change.event.pid, change.event.comm).fds.push(change.fd);
    }
  }
  return owners;
}

/** Every process that has a ufile, by ufile and pid; `cgroup` is not known here. */
export function holders(
  timeline: Timeline,
  changes: readonly Change[],
  audits: Audits = new Map(),
): Holder[] {
  return timeline.ufiles.flatMap((ufile) =>
    [...ownersOf(ufile, changes)]
      .sort(([a], [b]) => a - b)
      .map(([pid, { comm, fds, vmas }]) => ({
        device: ufile.device,
        uverbs: ufile.uverbs,
        ufile: ufile.id,
        pid,
        comm,
        cgroup: null,
        fds,
        vmas: vmas.sort((a, b) => a.start - b.start).map((vma) => heldVma(vma, audits)),
      })),
  );
}
