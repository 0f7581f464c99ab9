/** Finds VMAs by name, pid, comm, cgroup or address. */
import type { MmData } from '../data.ts';
import type { Model } from './model.ts';

type Test = (vma: number) => boolean;

const contains =
  (model: Model, address: number): Test =>
  (vma) => {
    const start = model.lastStart[vma] ?? 0;
    const birth = model.start[vma] ?? 0;
    const inside = (from: number, size: number): boolean => address >= from && address < from + size;
    return inside(start, model.data.vmas.size[vma] ?? 0) || inside(birth, model.size[vma] ?? 0);
  };

function byMm(model: Model, holds: (mm: MmData) => boolean): Test {
  const wanted = model.data.mms.map(holds);
  return (vma) => wanted[model.mm(vma)] === true;
}

const isNamed = ({ pid, comm, cgroup }: MmData, text: string): boolean =>
  `${comm}[${pid ?? '?'}]`.toLowerCase().includes(text) || cgroup.toLowerCase().includes(text);

/** What a text in small letters means; null when it means nothing. */
function testOf(model: Model, text: string): Test | null {
  if (text === '') return null;
  if (/^0x[0-9a-f]+$/.test(text)) return contains(model, Number(text));
  const [, letter = '', digits = ''] = /^([uvd])(\d+)$/.exec(text) ?? [];
  const number = Number(digits);
  if (letter === 'v') return (vma) => model.number[vma] === number;
  if (letter === 'u') return (vma) => model.data.ufiles[model.data.vmas.ufile[vma] ?? 0]?.id === `U${number}`;
  if (/^\d+$/.test(text)) return byMm(model, (mm) => mm.pid === Number(text) || isNamed(mm, text));
  if (/^[0-9a-f]{6,16}$/.test(text)) {
    const [here, named] = [
      contains(model, Number.parseInt(text, 16)),
      byMm(model, (mm) => isNamed(mm, text)),
    ];
    return (vma) => here(vma) || named(vma);
  }
  return byMm(model, (mm) => isNamed(mm, text));
}

/** The VMAs that a text finds, in order of their names; null when it asks for nothing. */
export function search(model: Model, text: string): Int32Array | null {
  const test = testOf(model, text.trim().toLowerCase());
  if (test === null) return null;
  return new Int32Array(model.count).map((_, vma) => vma).filter(test);
}
