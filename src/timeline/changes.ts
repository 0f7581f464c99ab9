import type { Change } from './model.ts';

const NONE: readonly Change[] = [];

/** What an event changed so far, in order. */
export class Changes {
  #list: Change[] | null = null;

  /** Adds a change to what {@link take} gives out next. */
  tell(change: Change): void {
    if (this.#list === null) this.#list = [change];
    else this.#list.push(change);
  }

  /** The changes told since the last call. */
  take(): readonly Change[] {
    const list = this.#list;
    this.#list = null;
    return list ?? NONE;
  }
}
