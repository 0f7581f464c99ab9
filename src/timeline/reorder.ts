import type { EventHead } from '../event/event.ts';

/** What puts an event in its place. */
type Placed = Pick<EventHead, 'n' | 'ns' | 'cpu' | 'seq'>;
type Place = Pick<Placed, 'n' | 'ns' | 'cpu'>;

const USER_SPACE = -1;
/** Events taken from a queue before its array is cut. */
const CUT = 1024;

/** The order of all listings: (ns, cpu, n). Negative when `a` comes first. */
export const compareEvents = (a: Place, b: Place): number => a.ns - b.ns || a.cpu - b.cpu || a.n - b.n;

/** What one CPU has told and has not been given out, in order. */
class Queue<Event extends Placed> {
  #events: (Event | undefined)[] = [];
  #first = 0;

  /** The first of them. */
  head: Event | undefined;

  /** Adds an event, nearly always at the end. */
  push(event: Event): void {
    const events = this.#events;
    let at = events.length;
    events.push(event);
    for (; at > this.#first; at -= 1) {
      const before = events[at - 1];
      if (before === undefined || compareEvents(before, event) <= 0) break;
      events[at] = before;
    }
    events[at] = event;
    this.head = events[this.#first];
  }

  /** Takes out the head, and lets go of it. */
  shift(): void {
    this.#events[this.#first] = undefined;
    this.#first += 1;
    if (this.#first === this.#events.length) {
      this.#events.length = 0;
      this.#first = 0;
    } else if (this.#first >= CUT && this.#first * 2 >= this.#events.length) {
      this.#events = this.#events.slice(this.#first);
      this.#first = 0;
    }
    this.head = this.#events[this.#first];
  }
}

/**
 * Puts events in order of (ns, cpu, n). They arrive in order from each CPU, or nearly so,
 * and skewed across CPUs by less than the window.
 */
export class Reorder<Event extends Placed> {
  readonly #windowNs: number;
  readonly #limit: number;
  readonly #queues = new Map<number, Queue<Event>>();
  /** Queues that hold events, as a binary heap: the one whose head is first on top. */
  readonly #heap: Queue<Event>[] = [];
  #newest = Number.NEGATIVE_INFINITY;
  /** Place of the event that was given out last: a copy, for whoever has the event may use its object again. */
  readonly #last = { ns: Number.NEGATIVE_INFINITY, cpu: 0, n: 0 };
  #size = 0;
  #late = 0;

  /**
   * @param windowNs how much later than a newer event one may arrive, in ns
   * @param limit events held back at most; beyond it the oldest are given out early
   */
  constructor(windowNs: number, limit = 1_000_000) {
    this.#windowNs = windowNs;
    this.#limit = limit;
  }

  /** Events that came after one that they should have preceded had been given out. */
  get late(): number {
    return this.#late;
  }

  /** Events held back now. */
  get size(): number {
    return this.#size;
  }

  /**
   * Takes the next event that arrived, and gives out those that nothing can precede any more.
   * @param out where they are put, after what is there
   */
  push(event: Event, out: Event[] = []): readonly Event[] {
    if (compareEvents(event, this.#last) < 0) {
      this.#late += 1;
      out.push(event);
      return out;
    }
    this.#add(event);
    if (event.ns > this.#newest) this.#newest = event.ns;
    this.release(this.#newest - this.#windowNs, out);
    if (this.#size > this.#limit) this.#first(out);
    return out;
  }

  /** Gives out the events before a time in ns. */
  release(beforeNs: number, out: Event[] = []): readonly Event[] {
    for (;;) {
      const next = this.#heap[0]?.head;
      if (next === undefined || next.ns >= beforeNs) return out;
      this.#shift(next);
      out.push(next);
    }
  }

  /** Gives out all events. */
  flush(): readonly Event[] {
    return this.release(Number.POSITIVE_INFINITY);
  }

  #first(out: Event[]): void {
    const next = this.#heap[0]?.head;
    if (next === undefined) return;
    this.#shift(next);
    out.push(next);
  }

  #add(event: Event): void {
    const cpu = event.seq === 0 ? USER_SPACE : event.cpu;
    let queue = this.#queues.get(cpu);
    if (queue === undefined) {
      queue = new Queue<Event>();
      this.#queues.set(cpu, queue);
    }
    const { head } = queue;
    queue.push(event);
    this.#size += 1;
    if (head === undefined) this.#heap.push(queue);
    if (queue.head !== head) this.#up(this.#heap.indexOf(queue));
  }

  /** Takes out `event`, which is the first of all. */
  #shift(event: Event): void {
    const queue = this.#heap[0];
    if (queue === undefined) return;
    queue.shift();
    this.#size -= 1;
    this.#last.ns = event.ns;
    this.#last.cpu = event.cpu;
    this.#last.n = event.n;
    if (queue.head !== undefined) {
      this.#down(queue, queue.head);
      return;
    }
    const last = this.#heap.pop();
    if (last?.head !== undefined && last !== queue) this.#down(last, last.head);
  }

  /** Puts a queue as far up as its head belongs. */
  #up(from: number): void {
    const heap = this.#heap;
    const queue = heap[from];
    if (queue?.head === undefined) return;
    let at = from;
    while (at > 0) {
      const above = heap[(at - 1) >> 1];
      if (above?.head === undefined || compareEvents(queue.head, above.head) >= 0) break;
      heap[at] = above;
      at = (at - 1) >> 1;
    }
    heap[at] = queue;
  }

  /** Puts a queue on top, or as far down as its head belongs. */
  #down(queue: Queue<Event>, head: Event): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [a, b] = [heap[left]?.head, heap[left + 1]?.head];
      if (a === undefined) break;
      const child = b !== undefined && compareEvents(b, a) < 0 ? left + 1 : left;
      const first = heap[child];
      if (first?.head === undefined || compareEvents(first.head, head) >= 0) break;
      heap[at] = first;
      at = child;
    }
    heap[at] = queue;
  }
}
