import type { EventHead } from '../../../src/event/event.ts';
import type { UmapEvent } from '../../../src/event/events.gen.ts';
import type { Task } from './objects.ts';

type Body<E> = E extends UmapEvent ? Omit<E, keyof EventHead> : never;

/** What an event tells beyond its head. */
export type EventBody = Body<UmapEvent>;

/** What the probes tell, in order; the clock ticks at every event. */
export class Log {
  readonly events: UmapEvent[] = [];
  /** Whether events are told: what happens while false is lost, or was before the trace. */
  seen = true;
  ns = 0;
  #n = 0;
  readonly #seqs = new Map<number, number>();

  /** Tells an event of a task; returns its n, 0 when it was not told. */
  tell({ cpu, pid, tid, comm }: Task, body: EventBody): number {
    this.ns += 1000;
    const seq = (this.#seqs.get(cpu) ?? 0) + 1;
    this.#seqs.set(cpu, seq);
    if (!this.seen) return 0;
    this.#n += 1;
    const { ns } = this;
    this.events.push({ n: this.#n, ns, cpu, seq, pid, tid, comm, ...body });
    return this.#n;
  }
}
