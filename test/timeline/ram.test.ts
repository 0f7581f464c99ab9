import { expect, test } from 'vitest';
import { Ram } from '../../src/timeline/ram.ts';

const head = { n: 0, ns: 0, pid: 0, tid: 0, comm: '', cpu: 0, seq: 0 };
const range = (pfn: number, frames: number) => ({ ...head, what: 'ram' as const, pfn, frames });

test('which page frames are System RAM; not known before a range was told', () => {
  const ram = new Ram();
  expect(ram.has(0x100)).toBeNull();
  ram.add(range(0x100, 16));
  ram.add(range(0x200, 1));
  const all = [0xff, 0x100, 0x10f, 0x110, 0x1ff, 0x200, 0x201];
  expect(all.filter((pfn) => ram.has(pfn))).toEqual([0x100, 0x10f, 0x200]);
});
