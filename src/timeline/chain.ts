/** Where a thing stands in a {@link Chain}. */
export interface Link<T> {
  readonly of: T;
  before: Link<T> | null;
  after: Link<T> | null;
}

/**
 * Things in the order in which they were added, as a doubly linked list: who is in it keeps its link, and is taken out by
 * that. The kernel keeps umaps so, too. See {@link Slots} for what is wrong with a Set here.
 */
export class Chain<T> implements Iterable<T> {
  #first: Link<T> | null = null;
  #last: Link<T> | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a thing at the end. */
  add(of: T): Link<T> {
    const link: Link<T> = { of, before: this.#last, after: null };
    if (this.#last === null) this.#first = link;
    else this.#last.after = link;
    this.#last = link;
    this.#size += 1;
    return link;
  }

  /** Takes out what was added with this link; once. */
  remove(link: Link<T>): void {
    const { before, after } = link;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
    link.before = null;
    link.after = null;
    this.#size -= 1;
  }

  /** In order. What has just been given may be taken out meanwhile, and nothing else. */
  *[Symbol.iterator](): Generator<T, void, void> {
    for (let link = this.#first; link !== null; ) {
      const { of, after } = link;
      yield of;
      link = after;
    }
  }
}
