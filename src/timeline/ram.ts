import type { RamEvent } from '../event/events.gen.ts';

/** Ranges that a machine has; more are not kept. */
const MOST = 10_000;

/** Which page frames are System RAM. */
export class Ram {
  readonly #ranges: { readonly first: number; readonly end: number }[] = [];

  /** A range of the machine's memory was told. */
  add({ pfn, frames }: RamEvent): void {
    if (this.#ranges.length < MOST) this.#ranges.push({ first: pfn, end: pfn + frames });
  }

  /** Whether a page frame is System RAM; null when no range was told. */
  has(pfn: number): boolean | null {
    if (this.#ranges.length === 0) return null;
    return this.#ranges.some(({ first, end }) => pfn >= first && pfn < end);
  }
}
