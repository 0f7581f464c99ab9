/** Values by the order in which they first came. */
export class Table<Value> {
  readonly #places = new Map<Value, number>();
  readonly values: Value[] = [];

  /** The place of a value; a new one is put at the end. */
  place(value: Value): number {
    const known = this.#places.get(value);
    if (known !== undefined) return known;
    this.#places.set(value, this.values.length);
    return this.values.push(value) - 1;
  }

  /** The place of a value; -1 when it has none. */
  find(value: Value): number {
    return this.#places.get(value) ?? -1;
  }
}

/**
 * Each number as the difference to the one before, as its reader will have it: a number too large to be exact spoils none but itself
 * and the next.
 */
export function deltas(values: readonly number[]): number[] {
  let sum = 0;
  return values.map((value) => {
    const delta = value - sum;
    sum += delta;
    return delta;
  });
}
