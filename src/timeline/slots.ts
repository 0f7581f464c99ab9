interface Slot<Value> {
  value: Value | undefined;
}

/**
 * A map whose keys come back, as kernel addresses do: what is taken out leaves its slot empty. A Map from which entries are deleted
 * as fast as they are added builds a new table over and over; V8 (11.3) links the old tables, and all that was in them, to the new
 * ones, and what has survived so far then lives until the next full collection.
 */
export class Slots<Key, Value> {
  readonly #spare: number;
  #slots = new Map<Key, Slot<Value>>();
  #size = 0;

  /** @param spare empty slots that are always kept; more only while they are fewer than those in use */
  constructor(spare: number) {
    this.#spare = spare;
  }

  get size(): number {
    return this.#size;
  }

  get(key: Key): Value | undefined {
    return this.#slots.get(key)?.value;
  }

  set(key: Key, value: Value): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) this.#slots.set(key, { value });
    if (slot?.value === undefined) this.#size += 1;
    if (slot !== undefined) slot.value = value;
  }

  /** Takes out a value, if it is that of the key. */
  delete(key: Key, value: Value): void {
    const slot = this.#slots.get(key);
    if (slot === undefined || slot.value !== value) return;
    slot.value = undefined;
    this.#size -= 1;
    if (this.#slots.size > 2 * this.#size + this.#spare) this.#sweep();
  }

  /** In no particular order. */
  *values(): Generator<Value, void, void> {
    for (const { value } of this.#slots.values()) if (value !== undefined) yield value;
  }

  #sweep(): void {
    const used = [...this.#slots].filter(([, slot]) => slot.value !== undefined);
    this.#slots = new Map(used);
  }
}
