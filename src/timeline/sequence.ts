import type { EventHead } from '../event/event.ts';
import type { Gap } from './model.ts';

/** What a gap is seen by. */
type Counted = Pick<EventHead, 'n' | 'ns' | 'cpu' | 'seq'>;

interface Last {
  seq: number;
  ns: number;
}

/**
 * Finds events that the kernel side produced and nobody received, by their per-CPU count.
 * Sees events as they arrive, before they are put in order.
 */
export class Sequence {
  readonly #last = new Map<number, Last>();

  /** The gap that this event shows, if it does. Events of user space (seq 0) and repeats show none. */
  see({ cpu, seq, ns }: Counted): Gap | null {
    if (seq === 0) return null;
    const last = this.#last.get(cpu);
    if (last === undefined) {
      this.#last.set(cpu, { seq, ns });
      return seq === 1 ? null : { from: null, to: ns, cpu, lost: seq - 1 };
    }
    const { seq: seen, ns: from } = last;
    if (seq <= seen) return null;
    last.seq = seq;
    last.ns = ns;
    return seq === seen + 1 ? null : { from, to: ns, cpu, lost: seq - seen - 1 };
  }

  /**
   * The gaps at the end, in order of CPU.
   * @param totals the kernel side's final count for each CPU
   */
  finish(totals: ReadonlyMap<number, number>): Gap[] {
    const gaps: Gap[] = [];
    for (const [cpu, total] of [...totals].sort(([a], [b]) => a - b)) {
      const last = this.#last.get(cpu);
      const lost = total - (last?.seq ?? 0);
      if (lost > 0) gaps.push({ from: last?.ns ?? null, to: null, cpu, lost });
    }
    return gaps;
  }
}
