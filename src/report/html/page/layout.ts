/** Where each VMA's bar lies: a group for each ufile, a lane for each process in it, rows without overlap in a lane. */
import { Heap } from './heap.ts';
import type { Model } from './model.ts';

export const HEAD = 24;
const LANE_GAP = 6;

export interface Lane {
  /** `comm[pid]` */
  readonly label: string;
  readonly y: number;
  readonly height: number;
  readonly vmas: number;
  /** Its address spaces. */
  readonly mms: readonly number[];
}

export interface Group {
  readonly ufile: number;
  readonly y: number;
  readonly height: number;
  readonly lanes: readonly Lane[];
}

/** A row holds order[from] to order[to - 1], by time. */
export interface Row {
  readonly y: number;
  readonly height: number;
  readonly from: number;
  readonly to: number;
}

export interface Layout {
  readonly groups: readonly Group[];
  readonly rows: readonly Row[];
  readonly order: Int32Array;
  readonly rowOf: Int32Array;
  readonly height: number;
}

/** Height of a row and of the gap below it, in a lane of so many rows. */
function rowSize(rows: number): readonly [height: number, gap: number] {
  if (rows <= 16) return [15, 3];
  if (rows <= 60) return [8, 1];
  return rows <= 300 ? [4, 1] : [2, 0];
}

/** Spreads VMAs over as few rows as they need; each row is in order of time. */
export function pack(model: Model, vmas: readonly number[]): number[][] {
  const { born, end } = model;
  const rows: number[][] = [];
  const endOf = (row: number): number => end[rows[row]?.at(-1) ?? -1] ?? 0;
  const busy = new Heap(endOf);
  const free = new Heap((row) => row);
  const sorted = vmas.toSorted((a, b) => (born[a] ?? 0) - (born[b] ?? 0) || a - b);
  for (const vma of sorted) {
    const from = born[vma] ?? 0;
    while (busy.top !== undefined && endOf(busy.top) <= from) free.push(busy.pop() ?? 0);
    const row = free.pop() ?? rows.push([]) - 1;
    rows[row]?.push(vma);
    busy.push(row);
  }
  return rows;
}

const laneLabel = (model: Model, mm: number): string => {
  const { comm = '', pid = null } = model.data.mms[mm] ?? {};
  return pid === null ? 'unknown process' : `${comm}[${pid}]`;
};

/** VMAs by ufile, then by process. */
function lanesOf(model: Model): Map<string, number[]>[] {
  const groups = model.data.ufiles.map(() => new Map<string, number[]>());
  for (let vma = 0; vma < model.count; vma++) {
    const mm = model.mm(vma);
    const pid = model.data.mms[mm]?.pid ?? null;
    const key = pid === null ? `mm ${mm}` : `pid ${pid}`;
    const lanes = groups[model.data.vmas.ufile[vma] ?? 0];
    const lane = lanes?.get(key);
    if (lane === undefined) lanes?.set(key, [vma]);
    else lane.push(vma);
  }
  return groups;
}

class Builder {
  readonly #model: Model;
  readonly #rows: Row[] = [];
  readonly #order: Int32Array;
  readonly #rowOf: Int32Array;
  #used = 0;
  #y = 0;

  constructor(model: Model) {
    this.#model = model;
    this.#order = new Int32Array(model.count);
    this.#rowOf = new Int32Array(model.count);
  }

  build(): Layout {
    const groups = lanesOf(this.#model).map((lanes, ufile): Group => {
      const y = this.#y;
      this.#y += HEAD;
      const built = [...lanes.values()].map((vmas) => this.#lane(vmas));
      this.#y += LANE_GAP;
      return { ufile, y, height: this.#y - y, lanes: built };
    });
    return { groups, rows: this.#rows, order: this.#order, rowOf: this.#rowOf, height: this.#y };
  }

  #lane(vmas: readonly number[]): Lane {
    const rows = pack(this.#model, vmas);
    const [height, gap] = rowSize(rows.length);
    const y = this.#y;
    for (const row of rows) {
      this.#row(row, height);
      this.#y += height + gap;
    }
    this.#y += LANE_GAP;
    const mms = [...new Set(vmas.map((vma) => this.#model.mm(vma)))];
    const label = laneLabel(this.#model, mms.at(-1) ?? 0);
    return { label, y, height: this.#y - y - LANE_GAP, vmas: vmas.length, mms };
  }

  #row(vmas: readonly number[], height: number): void {
    const from = this.#used;
    for (const vma of vmas) {
      this.#order[this.#used++] = vma;
      this.#rowOf[vma] = this.#rows.length;
    }
    this.#rows.push({ y: this.#y, height, from, to: this.#used });
  }
}

/** Lays out all VMAs. */
export const layOut = (model: Model): Layout => new Builder(model).build();

/** First of the places from `low` to `high` where `holds`; `high` when it holds nowhere. It must hold from there on. */
export function firstWhere(low: number, high: number, holds: (place: number) => boolean): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}
