import type { StackEvent } from '../event/events.gen.ts';
import type { Changes } from './changes.ts';

/** Kernel stacks of threads, put together from their frames, which come one after the other from the outermost in. */
export class Stacks {
  readonly #changes: Changes;
  /** The frames so far of the thread that is being told, the innermost first. */
  #frames: string[] = [];
  #last: StackEvent | null = null;

  constructor(changes: Changes) {
    this.#changes = changes;
  }

  /** Takes the next frame; of a stack of which one is missing, what is further in is told. */
  frame(event: StackEvent): void {
    const last = this.#last;
    const follows = last?.tid === event.tid && last.depth === event.depth + 1;
    if (!follows) this.#frames = [];
    this.#frames.unshift(event.function);
    this.#last = event;
    if (event.depth > 0) return;
    this.#changes.tell({ what: 'stack-seen', event, frames: this.#frames });
    this.#frames = [];
    this.#last = null;
  }
}
