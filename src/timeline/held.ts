import type { DriverOpenEvent, MmapIoEvent, UmapEvent, ZapEvent } from '../event/events.gen.ts';

/** An event that only the next one of its thread gives its meaning. */
export type Held = MmapIoEvent | DriverOpenEvent | ZapEvent;

/** The next event of a thread follows within one system call; ns. */
const PATIENCE = 1_000_000_000;
const LIMIT = 256;

/**
 * - mmap_io that failed: ib_uverbs_mmap tells the same failure, and the final errno, when it returns.
 * - driver_open that is no split and no fork: the birth in an mmap (rxe_mmap to 7.2 calls rxe_vma_open
 *   itself) if the return of ib_uverbs_mmap follows.
 * - zap of a VMA without umap: rdma_umap_open has just dropped it; its own return follows.
 */
export function completes(event: UmapEvent, held: Held): boolean {
  switch (held.what) {
    case 'mmap_io':
      return event.what === 'mmap' && event.vma === held.vma && event.ret !== 0;
    case 'driver_open':
      return event.what === 'mmap' && event.vma === held.vma;
    case 'zap':
      return event.what === 'umap_open' && event.vma === held.vma;
  }
}

/** At most one held event for each thread. */
export class HeldEvents {
  readonly #byTid = new Map<number, Held>();

  /** Threads that hold one. */
  get size(): number {
    return this.#byTid.size;
  }

  /** Holds an event until {@link take} or {@link due}. */
  hold(event: Held): void {
    this.#byTid.set(event.tid, event);
  }

  /** Takes out what the thread of `event` holds. */
  take(event: UmapEvent): Held | undefined {
    const held = this.#byTid.get(event.tid);
    if (held !== undefined) this.#byTid.delete(event.tid);
    return held;
  }

  /** Takes out what can wait no longer when `event` comes, oldest first. */
  due(event: UmapEvent): Held[] {
    const ends = endsHeld(event);
    const due: Held[] = [];
    for (const held of this.#byTid.values()) {
      const over = event.ns - held.ns > PATIENCE || this.#byTid.size > LIMIT;
      if (!over && ends === null) break;
      if (!over && !ends?.(held)) continue;
      this.#byTid.delete(held.tid);
      due.push(held);
    }
    return due;
  }

  /** Takes out all. */
  all(): Held[] {
    const all = [...this.#byTid.values()];
    this.#byTid.clear();
    return all;
  }
}

/**
 * Which held events must be applied before `event`, whatever its thread; null for none. What a held
 * one waits for comes under the mmap_lock that it was told under, taken for writing: whatever else
 * is done to the same mm shows that it will not come.
 */
function endsHeld(event: UmapEvent): ((held: Held) => boolean) | null {
  switch (event.what) {
    case 'mmap_io':
    case 'mmap':
    case 'driver_open':
    case 'driver_close':
    case 'umap_open':
    case 'umap_close':
    case 'snapshot_vma':
    case 'fork':
      return (held) => held.mm === event.mm;
    case 'ufile_open':
    case 'ufile_close':
    case 'ufile_free':
      return (held) => held.ufile === event.ufile;
    default:
      return null;
  }
}
