import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from '../../../src/report/html/page/heap.ts';
import { layOut } from '../../../src/report/html/page/layout.ts';
import { lineage } from '../../../src/report/html/page/lineage.ts';
import { search } from '../../../src/report/html/page/search.ts';
import { regionsOf, shapesOf } from '../../../src/report/html/page/shapes.ts';
import { lifecycle } from '../../recording/lifecycle.ts';
import { unplug } from '../../recording/unplug.ts';
import { large } from '../large.ts';
import { render } from '../render.ts';
import { pageModel } from './page.ts';

const model = pageModel(render('html', unplug().bytes));
const names = (places: Iterable<number>): string[] => [...places].map((vma) => `V${model.number[vma]}`);

describe('layOut', () => {
  it.each([unplug().bytes, lifecycle().bytes, large(2000, 300)])(
    'gives every VMA a place of its own',
    (bytes) => {
      const all = pageModel(render('html', bytes));
      const { rows, order, rowOf, groups, height } = layOut(all);
      expect([...order].toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: all.count }, (_, vma) => vma),
      );
      let y = 0;
      rows.forEach((row, i) => {
        expect(row.y).toBeGreaterThanOrEqual(y);
        y = row.y + row.height;
        let end = Number.NEGATIVE_INFINITY;
        for (const vma of order.subarray(row.from, row.to)) {
          expect(rowOf[vma]).toBe(i);
          expect(all.born[vma]).toBeGreaterThanOrEqual(end);
          end = all.end[vma] ?? 0;
        }
      });
      expect(height).toBeGreaterThanOrEqual(y);
      expect(groups.flatMap(({ lanes }) => lanes).reduce((sum, { vmas }) => sum + vmas, 0)).toBe(all.count);
    },
  );

  it('has a lane for each process', () => {
    expect(layOut(model).groups.map(({ lanes }) => lanes.map(({ label }) => label))).toEqual([
      ['unplug[312]', 'unplug[313]'],
    ]);
  });
});

describe('the page', () => {
  it('knows lineages', () => {
    const lit = lineage(model, model.find(3));
    expect(names(Array.from(lit.keys()).filter((vma) => lit[vma] === 1))).toEqual(['V1', 'V3']);
  });

  it('finds nothing for nothing', () => {
    expect(search(model, '  ')).toBeNull();
    expect(names(search(model, '7f31c5a05000') ?? [])).toEqual(['V2', 'V4']);
  });

  it('has a shape for each length that a VMA had', () => {
    const split = pageModel(render('html', lifecycle().bytes));
    const pages = shapesOf(split, split.find(1)).map(({ start, end }) => (end - start) / 4096);
    expect(pages).toEqual([4, 3, 1]);
  });

  it('leaves out holes between addresses, in their order', () => {
    const shape = { vma: 0, from: 0, to: 1 };
    const regions = regionsOf(
      [
        { ...shape, start: 0x7f00_0000_0000, end: 0x7f00_0000_4000 },
        { ...shape, start: 0x1000, end: 0x2000 },
        { ...shape, start: 0x2000, end: 0x3000 },
      ],
      100,
    );
    expect(regions.map(({ start, end }) => [start, end])).toEqual([
      [0x1000, 0x3000],
      [0x7f00_0000_0000, 0x7f00_0000_4000],
    ]);
    expect(regions[0]?.y).toBeGreaterThan((regions[1]?.y ?? 0) + (regions[1]?.height ?? 0));
  });
});

describe('Heap', () => {
  it('gives back in order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000)), (values) => {
        const heap = new Heap((value) => value);
        for (const value of values) heap.push(value);
        const out = values.map(() => heap.pop());
        expect(out).toEqual(values.toSorted((a, b) => a - b));
        expect(heap.pop()).toBeUndefined();
      }),
      { seed: 1 },
    );
  });
});
