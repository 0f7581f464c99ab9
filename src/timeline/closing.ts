import type { UmapKeptEvent } from '../event/events.gen.ts';
import type { LiveVma } from './vma.ts';

/** Threads that share a place forget each other's; a power of two. */
const PLACES = 64;

/** The VMA that each thread closed last: a umap_kept about it follows within the same call. */
export class Closing {
  readonly #last = new Array<LiveVma | undefined>(PLACES).fill(undefined);

  /** A thread is in rdma_umap_close. */
  enter(tid: number, vma: LiveVma): void {
    this.#last[tid % PLACES] = vma;
  }

  /** The VMA whose close has returned; undefined when its close was not seen. */
  of({ tid, vma: pointer }: UmapKeptEvent): LiveVma | undefined {
    const vma = this.#last[tid % PLACES];
    return vma?.ended?.tid === tid && vma.pointer === pointer ? vma : undefined;
  }
}
