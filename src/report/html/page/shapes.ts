/** Where VMAs lay in an address space, as shapes over time, and the stretches of addresses that are worth drawing. */
import { PAGE } from '../../../page.ts';
import { firstWhere } from './layout.ts';
import type { Model } from './model.ts';

/** Pages that a hole may have before it is left out. */
const HOLE = 64 * PAGE;
const BREAK = 9;
const SHRUNK = 1;

/** Where a VMA lay for a time. */
export interface Shape {
  readonly vma: number;
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

/** The shapes of a VMA: one more each time that it was shortened. */
export function shapesOf(model: Model, vma: number): Shape[] {
  const birth = model.start[vma] ?? 0;
  const shapes: Shape[] = [];
  let last = { vma, from: model.born[vma] ?? 0, start: birth, end: birth + (model.size[vma] ?? 0) };
  const { from, order } = model.entries;
  for (const entry of order.subarray(from[vma] ?? 0, from[vma + 1] ?? 0)) {
    if (model.entryKind[entry] !== SHRUNK) continue;
    const ns = model.entryNs[entry] ?? 0;
    if (ns > last.from) shapes.push({ ...last, to: ns });
    const start = birth + model.field(entry, 0);
    last = { vma, from: ns, start, end: start + model.field(entry, 1) };
  }
  return [...shapes, { ...last, to: model.end[vma] ?? last.from }];
}

/** A stretch of addresses that is drawn, and where. */
export interface Region {
  readonly start: number;
  readonly end: number;
  readonly y: number;
  readonly height: number;
}

/** Addresses that are used, without the holes between them; high addresses on top. */
export function regionsOf(shapes: readonly Shape[], height: number): Region[] {
  const sorted = shapes.toSorted((a, b) => a.start - b.start);
  const found: { start: number; end: number }[] = [];
  for (const { start, end } of sorted) {
    const last = found.at(-1);
    if (last !== undefined && start <= last.end + HOLE) last.end = Math.max(last.end, end);
    else found.push({ start, end: Math.max(end, start + 1) });
  }
  const weights = found.map(({ start, end }) => Math.sqrt(end - start));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const room = Math.max(found.length, height - BREAK * (found.length - 1));
  let y = height;
  return found.map((region, i) => {
    const part = (room * (weights[i] ?? 0)) / whole;
    y -= part;
    const placed = { ...region, y, height: part };
    y -= BREAK;
    return placed;
  });
}

/** The pixel of an address. */
export function yOf(regions: readonly Region[], address: number): number {
  const place = firstWhere(0, regions.length, (i) => (regions[i]?.end ?? 0) >= address);
  const region = regions[place];
  if (region === undefined || address < region.start) return 0;
  return region.y + region.height * (1 - (address - region.start) / (region.end - region.start));
}
