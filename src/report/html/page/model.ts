/** The report's data as the page works with it: typed columns, histories by VMA, children by parent. */
import { ENTRIES, ENTRY_FIELDS, type EntryKind, type PageData } from '../data.ts';

/** How a bar is coloured, at a time. */
const MAPPED = 0;
export const ZAPPED = 1;
export const TOUCHED = 2;
export const ESCAPED = 3;
export const DRIVER = 4;
export const UNKNOWN = 5;
export const STATE_NAMES = ['mapped', 'zapped', 'touched', 'escaped', 'driver', 'unknown'] as const;

const ESCAPED_STATE = 3;
const UNKNOWN_STATE = 4;
const SIGBUS = 1;

/** Values from differences, as src/report/html/table.ts makes them. */
export function sums(differences: readonly number[]): Float64Array {
  const values = new Float64Array(differences.length);
  let sum = 0;
  differences.forEach((difference, i) => {
    sum += difference;
    values[i] = sum;
  });
  return values;
}

/** Items of columns by a key: those of key k are order[from[k]] to order[from[k + 1] - 1], in their order. */
export interface Grouped {
  readonly from: Int32Array;
  readonly order: Int32Array;
}

/** Groups places by their keys; a key below zero belongs nowhere. */
export function groupBy(keys: ArrayLike<number>, count: number): Grouped {
  const from = new Int32Array(count + 1);
  let used = 0;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? -1;
    if (key < 0) continue;
    used++;
    from[key + 1] = (from[key + 1] ?? 0) + 1;
  }
  for (let k = 0; k < count; k++) from[k + 1] = (from[k + 1] ?? 0) + (from[k] ?? 0);
  const next = from.slice();
  const order = new Int32Array(used);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? -1;
    if (key < 0) continue;
    order[next[key] ?? 0] = i;
    next[key] = (next[key] ?? 0) + 1;
  }
  return { from, order };
}

/** One thing that happened to a VMA. */
export interface Entry {
  readonly n: number;
  readonly ns: number;
  readonly kind: EntryKind;
  readonly actor: string;
  /** By name. */
  readonly fields: Readonly<Record<string, number>>;
}

const SIZES = ENTRIES.map((kind) => ENTRY_FIELDS[kind].length);

export class Model {
  readonly data: PageData;
  /** VMAs. */
  readonly count: number;
  /** V1 is 1. */
  readonly number: Float64Array;
  readonly born: Float64Array;
  /** The end of what is shown for those alive. */
  readonly end: Float64Array;
  /** First zap, first touch after one, first SIGBUS; NaN: none. */
  readonly zapped: Float64Array;
  readonly touched: Float64Array;
  readonly sigbus: Float64Array;
  /** Where it lies, as last known. */
  readonly lastStart: Float64Array;
  /** Where it lay at its birth, and how large it was. */
  readonly start: Float64Array;
  readonly size: Float64Array;
  readonly pgoff: Float64Array;
  readonly children: Grouped;
  readonly entries: Grouped;
  readonly entryNs: Float64Array;
  readonly entryKind: Uint8Array;
  readonly #entryVma: Float64Array;
  readonly #entryN: Float64Array;
  readonly #fieldsAt: Int32Array;
  readonly #byNumber = new Map<number, number>();

  constructor(data: PageData) {
    const { vmas, entries } = data;
    const count = vmas.number.length;
    this.data = data;
    this.count = count;
    this.number = sums(vmas.number);
    this.born = sums(vmas.born);
    this.end = this.born.map((born, i) => Math.max(born + (vmas.lived[i] ?? data.to - born), born));
    this.lastStart = sums(vmas.start);
    this.start = this.lastStart.map((start, i) => start - (vmas.moved[i] ?? 0));
    this.size = Float64Array.from(vmas.size);
    this.pgoff = sums(vmas.pgoff);
    this.zapped = new Float64Array(count).fill(Number.NaN);
    this.touched = new Float64Array(count).fill(Number.NaN);
    this.sigbus = new Float64Array(count).fill(Number.NaN);
    this.children = groupBy(vmas.parent, count);
    this.#entryVma = sums(entries.vma);
    this.entries = groupBy(this.#entryVma, count);
    this.entryNs = sums(entries.ns);
    this.entryKind = Uint8Array.from(entries.kind);
    this.#entryN = sums(entries.n);
    this.#fieldsAt = new Int32Array(this.entryKind.length);
    this.#readEntries();
    this.number.forEach((number, i) => {
      this.#byNumber.set(number, i);
    });
  }

  #readEntries(): void {
    let at = 0;
    this.entryKind.forEach((kind, i) => {
      this.#fieldsAt[i] = at;
      at += SIZES[kind] ?? 0;
      this.#readEntry(i, this.#entryVma[i] ?? 0);
    });
  }

  #readEntry(i: number, vma: number): void {
    const ns = this.entryNs[i] ?? 0;
    const kind = ENTRIES[this.entryKind[i] ?? 0];
    if (kind === 'born') this.size[vma] = this.field(i, 0);
    if (kind === 'zap' && Number.isNaN(this.zapped[vma])) this.zapped[vma] = ns;
    if (kind !== 'touch') return;
    if (!Number.isNaN(this.zapped[vma]) && Number.isNaN(this.touched[vma])) this.touched[vma] = ns;
    if (this.field(i, 2) === SIGBUS && Number.isNaN(this.sigbus[vma])) this.sigbus[vma] = ns;
  }

  /** A field of an entry, by its place among those of its kind. */
  field(entry: number, place: number): number {
    return this.data.entries.fields[(this.#fieldsAt[entry] ?? 0) + place] ?? 0;
  }

  /** The place of V7; -1 when it is not in this report. */
  find(number: number): number {
    return this.#byNumber.get(number) ?? -1;
  }

  /** The VMA of the event with this ordinal, and its time; null when no history has it. */
  findEvent(n: number): { readonly vma: number; readonly ns: number } | null {
    const i = this.#entryN.indexOf(n);
    return i < 0 ? null : { vma: this.#entryVma[i] ?? 0, ns: this.entryNs[i] ?? 0 };
  }

  /** Its colour before any zap, and where nothing else is known. */
  base(vma: number): number {
    const { kind, state } = this.data.vmas;
    if (state[vma] === ESCAPED_STATE) return ESCAPED;
    if (kind[vma] === 1) return DRIVER;
    return state[vma] === UNKNOWN_STATE ? UNKNOWN : MAPPED;
  }

  /** Its colour in the end. */
  final(vma: number): number {
    const base = this.base(vma);
    if (base === ESCAPED) return base;
    if (!Number.isNaN(this.touched[vma])) return TOUCHED;
    return Number.isNaN(this.zapped[vma]) ? base : ZAPPED;
  }

  parent(vma: number): number {
    return this.data.vmas.parent[vma] ?? -1;
  }

  mm(vma: number): number {
    return this.data.vmas.mm[vma] ?? 0;
  }

  childrenOf(vma: number): Int32Array {
    const { from, order } = this.children;
    return order.subarray(from[vma] ?? 0, from[vma + 1] ?? 0);
  }

  /** What happened to a VMA, in order. */
  history(vma: number): Entry[] {
    const { from, order } = this.entries;
    return Array.from(order.subarray(from[vma] ?? 0, from[vma + 1] ?? 0), (i) => this.#entry(i));
  }

  #entry(i: number): Entry {
    const kind = ENTRIES[this.entryKind[i] ?? 0] ?? 'born';
    const fields = ENTRY_FIELDS[kind].map((name, place) => [name, this.field(i, place)] as const);
    const actor = this.data.actors[this.data.entries.actor[i] ?? 0] ?? '';
    return {
      n: this.#entryN[i] ?? 0,
      ns: this.entryNs[i] ?? 0,
      kind,
      actor,
      fields: Object.fromEntries(fields),
    };
  }
}
