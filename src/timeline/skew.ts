import type { EventHead } from '../event/event.ts';

/** How far out of order events arrive. */
export class Skew {
  #newest = Number.NEGATIVE_INFINITY;
  #most = 0;

  /** ns that one came after a newer one, at most. */
  get most(): number {
    return this.#most;
  }

  /** The next one that arrived. */
  see({ ns }: Pick<EventHead, 'ns'>): void {
    if (ns > this.#newest) this.#newest = ns;
    else if (this.#newest - ns > this.#most) this.#most = this.#newest - ns;
  }
}
