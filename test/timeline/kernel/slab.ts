/** A slab cache: what was freed last is given out first, so pointers come back at once. */
export class Slab {
  readonly #base: bigint;
  readonly #free: string[] = [];
  #used = 0n;

  constructor(base: bigint) {
    this.#base = base;
  }

  alloc(): string {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    this.#used += 1n;
    return (this.#base + this.#used * 0x100n).toString(16);
  }

  free(pointer: string): void {
    this.#free.push(pointer);
  }
}
