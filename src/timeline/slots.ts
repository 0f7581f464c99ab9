/** Where the value of a key is; undefined when it has been taken out. */
export interface Slot<Value> {
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
    this.fill(this.slot(key), value);
  }

  /** Takes out a value, if it is that of the key. */
  delete(key: Key, value: Value): void {
    const slot = this.#slots.get(key);
    if (slot !== undefined) this.empty(slot, value);
  }

  /** The slot of a key. It is lasting while it is filled: whoever keeps it need not look for it again. */
  slot(key: Key): Slot<Value> {
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const slot = { value: undefined };
    this.#slots.set(key, slot);
    return slot;
  }

  /** Puts a value into a slot that {@link slot} has just given, or that is filled. */
  fill(slot: Slot<Value>, value: Value): void {
    if (slot.value === undefined) this.#size += 1;
    slot.value = value;
  }

  /** Takes out a value, if it is that of the slot. */
  empty(slot: Slot<Value>, value: Value): void {
    if (slot.value !== value) return;
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
