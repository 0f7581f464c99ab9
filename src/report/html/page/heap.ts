/** Takes numbers with a rank, and gives back the one of the lowest rank. */
export class Heap {
  readonly #items: number[] = [];
  readonly #rank: (item: number) => number;

  constructor(rank: (item: number) => number) {
    this.#rank = rank;
  }

  /** The item of the lowest rank; undefined when there is none. */
  get top(): number | undefined {
    return this.#items[0];
  }

  push(item: number): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#before(at, above)) break;
      this.#swap(at, above);
      at = above;
    }
  }

  /** Takes out the item of the lowest rank. */
  pop(): number | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    items[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const low = left + 1 < items.length && this.#before(left + 1, left) ? left + 1 : left;
      if (low >= items.length || !this.#before(low, at)) return first;
      this.#swap(at, low);
      at = low;
    }
  }

  #before(a: number, b: number): boolean {
    return this.#rank(this.#items[a] ?? 0) < this.#rank(this.#items[b] ?? 0);
  }

  #swap(a: number, b: number): void {
    const items = this.#items;
    const kept = items[a] ?? 0;
    items[a] = items[b] ?? 0;
    items[b] = kept;
  }
}
