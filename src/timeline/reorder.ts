import type { EventHead } from '../event/event.ts';

/** What puts an event in its place. */
type Placed = Pick<EventHead, 'n' | 'ns' | 'cpu' | 'seq'>;
type Place = Pick<Placed, 'n' | 'ns' | 'cpu'>;

const USER_SPACE = -1;
/** Events that a queue has room for at first: a power of two, as ever after. */
const ROOM = 64;
/** Events of one CPU that another one may precede: a recording that is the wrong way round would take hours. */
const MOST_SHIFTS = 4096;

/** The order of all listings: (ns, cpu, n). Negative when `a` comes first. */
export const compareEvents = (a: Place, b: Place): number => a.ns - b.ns || a.cpu - b.cpu || a.n - b.n;

const precedes = (a: Place | undefined, b: Place | undefined): boolean =>
  a !== undefined && b !== undefined && compareEvents(a, b) < 0;

/**
 * What one CPU has told and has not been given out, in order: a ring. The times stand beside the events, so that
 * comparing them does not fetch events that have waited long and are in no cache any more.
 */
class Queue<Event extends Placed> {
  #events: (Event | undefined)[] = new Array<undefined>(ROOM).fill(undefined);
  #times = new Float64Array(ROOM);
  #first = 0;
  #size = 0;

  /** Time of the first of them, in ns; infinite when there is none. */
  ns = Number.POSITIVE_INFINITY;

  /** The first of them. */
  get head(): Event | undefined {
    return this.#events[this.#first];
  }

  /** Adds an event, nearly always at the end. */
  push(event: Event): void {
    if (this.#size === this.#events.length) this.#grow();
    const events = this.#events;
    const times = this.#times;
    const { ns } = event;
    const mask = events.length - 1;
    let at = (this.#first + this.#size) & mask;
    for (let shifts = 0; at !== this.#first && shifts < MOST_SHIFTS; shifts++) {
      const before = (at - 1) & mask;
      const earlier = times[before] ?? 0;
      if (earlier < ns || (earlier === ns && !precedes(event, events[before]))) break;
      events[at] = events[before];
      times[at] = earlier;
      at = before;
    }
    events[at] = event;
    times[at] = ns;
    this.#size += 1;
    if (at === this.#first) this.ns = ns;
  }

  /** Takes out the head, and lets go of it. */
  shift(): Event | undefined {
    const event = this.head;
    this.#events[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#events.length - 1);
    this.#size -= 1;
    this.ns = this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[this.#first] ?? 0);
    return event;
  }

  #grow(): void {
    const [events, times, first] = [this.#events, this.#times, this.#first];
    const more = new Array<undefined>(events.length).fill(undefined);
    this.#events = [...events.slice(first), ...events.slice(0, first), ...more];
    this.#times = new Float64Array(this.#events.length);
    this.#times.set(times.subarray(first));
    this.#times.set(times.subarray(0, first), times.length - first);
    this.#first = 0;
  }
}

/** Whether the head of one queue comes before that of another. */
function isBefore<Event extends Placed>(a: Queue<Event>, b: Queue<Event>): boolean {
  return a.ns < b.ns || (a.ns === b.ns && precedes(a.head, b.head));
}

/**
 * Puts events in order of (ns, cpu, n). They arrive in order from each CPU, or nearly so,
 * and skewed across CPUs by less than the window.
 */
export class Reorder<Event extends Placed> {
  /** How much later than a newer event one may arrive, in ns; may be changed at any time. */
  windowNs: number;
  readonly #limit: number;
  readonly #queues = new Map<number, Queue<Event>>();
  /** All queues, as a binary heap: the one whose head is first on top. */
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
    this.windowNs = windowNs;
    this.#limit = limit;
  }

  /** Events that came after one that they should have preceded had been given out, or after too many of their CPU's. */
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
    const { ns } = event;
    if (ns <= this.#last.ns && compareEvents(event, this.#last) < 0) {
      this.#late += 1;
      out.push(event);
      return out;
    }
    this.#add(event);
    // A line of user space is told now, whatever the kernel has still to tell of before.
    if (ns > this.#newest && event.seq !== 0) this.#newest = ns;
    this.release(this.#newest - this.windowNs, out);
    if (this.#size > this.#limit) this.#shift(out);
    return out;
  }

  /** Gives out the events before a time in ns. */
  release(beforeNs: number, out: Event[] = []): readonly Event[] {
    while ((this.#heap[0]?.ns ?? beforeNs) < beforeNs) this.#shift(out);
    return out;
  }

  /** Gives out all events. */
  flush(): readonly Event[] {
    return this.release(Number.POSITIVE_INFINITY);
  }

  #add(event: Event): void {
    const cpu = event.seq === 0 ? USER_SPACE : event.cpu;
    let queue = this.#queues.get(cpu);
    if (queue === undefined) {
      queue = new Queue<Event>();
      this.#queues.set(cpu, queue);
      this.#heap.push(queue);
    }
    queue.push(event);
    this.#size += 1;
    if (queue.head === event) this.#up(queue);
  }

  /** Gives out the event that is the first of all. */
  #shift(out: Event[]): void {
    const queue = this.#heap[0];
    const event = queue?.shift();
    if (queue === undefined || event === undefined) return;
    this.#size -= 1;
    if (compareEvents(event, this.#last) < 0) this.#late += 1;
    else {
      this.#last.ns = event.ns;
      this.#last.cpu = event.cpu;
      this.#last.n = event.n;
    }
    this.#down(queue);
    out.push(event);
  }

  /** Puts a queue as far up as its head belongs. */
  #up(queue: Queue<Event>): void {
    const heap = this.#heap;
    let at = heap.indexOf(queue);
    while (at > 0) {
      const above = heap[(at - 1) >> 1];
      if (above === undefined || !isBefore(queue, above)) break;
      heap[at] = above;
      at = (at - 1) >> 1;
    }
    heap[at] = queue;
  }

  /** Puts the queue on top as far down as its head belongs. */
  #down(queue: Queue<Event>): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [a, b] = [heap[left], heap[left + 1]];
      if (a === undefined) break;
      const child = b !== undefined && isBefore(b, a) ? left + 1 : left;
      const first = heap[child];
      if (first === undefined || !isBefore(first, queue)) break;
      heap[at] = first;
      at = child;
    }
    heap[at] = queue;
  }
}
