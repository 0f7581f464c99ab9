/** Removals and resets that have not returned, and since when each has not got on. */
import type { UmapEvent } from '../event/events.gen.ts';
import type { Change, Disassociation, DisassociationKind, Mm, Ufile } from './model.ts';

/** How long a disassociation may take in all, and a removal or a reset may stand still; ns. */
export const LIMIT_NS = 5e9;

/** A removal or a reset that runs. */
export interface Running {
  /** Its begin, on the thread that runs all of it. */
  readonly event: UmapEvent;
  readonly kind: DisassociationKind;
  readonly device: string | null;
  /** The ufile's part that is going on; null before the first, and between them. */
  current: Disassociation | null;
  /** The last event that showed it get on. */
  last: UmapEvent;
}

/** Follows the removals and resets that run, by their changes. */
export class RunningRequests {
  readonly #byTid = new Map<number, Running>();

  /** In order of their beginnings. */
  all(): Iterable<Running> {
    return this.#byTid.values();
  }

  /** Takes the next change. @returns what ended with it; undefined for nothing */
  see(change: Change): Running | undefined {
    if (change.what === 'disassociation-requested') {
      const { event, kind, device } = change;
      this.#byTid.set(event.tid, { event, kind, device, current: null, last: event });
      return undefined;
    }
    if (change.what === 'disassociation-returned') {
      const running = this.#byTid.get(change.event.tid);
      this.#byTid.delete(change.event.tid);
      return running;
    }
    if ('disassociation' in change && change.disassociation !== null) this.#gotOn(change);
    return undefined;
  }

  #gotOn({ what, event, disassociation }: Extract<Change, { disassociation: unknown }>): void {
    const running = this.#byTid.get(event.tid);
    if (running === undefined) return;
    running.last = event;
    running.current = what === 'disassociation-ended' ? null : disassociation;
  }
}

/** The mms that a disassociation that has not ended can be waiting for: those with VMAs it has yet to zap. */
export function waitedFor({ id, ufile }: Disassociation): Mm[] {
  const mms = new Set<Mm>();
  for (const vma of ufile.vmas) if (vma.tracked && vma.zappedBy !== id) mms.add(vma.mm);
  return [...mms];
}

/** Ufiles that a removal of a device waits for, when its driver cannot disassociate them. */
export const openOf = (device: string | null, ufiles: readonly Ufile[]): Ufile[] =>
  ufiles.filter(
    (ufile) => ufile.closed === null && (device === null || ufile.device === null || ufile.device === device),
  );
