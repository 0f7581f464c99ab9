import type { DriverOpenEvent, MmapIoEvent, UmapEvent, ZapEvent } from '../event/events.gen.ts';

/** An event that only the next one of its thread gives its meaning. */
export type Held = MmapIoEvent | DriverOpenEvent | ZapEvent;

/** The next event of a thread follows within one system call; ns. */
const PATIENCE = 1_000_000_000;
const LIMIT = 256;

/**
 * - mmap_io that failed: ib_uverbs_mmap tells the same failure, and the final errno, when it returns.
 * - driver_open of no known parent: the birth in an mmap (rxe_mmap to 7.2 calls rxe_vma_open
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

  get size(): number {
    return this.#byTid.size;
  }

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
    const due: Held[] = [];
    for (const held of this.#byTid.values()) {
      const closed = event.what === 'driver_close' && held.what === 'driver_open' && held.vma === event.vma;
      if (closed || event.ns - held.ns > PATIENCE || this.#byTid.size > LIMIT) {
        this.#byTid.delete(held.tid);
        due.push(held);
      } else if (event.what !== 'driver_close') break;
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
