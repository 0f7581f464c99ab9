/** Finds VMAs by name, pid, comm or address. */
import type { Model } from './model.ts';

type Test = (vma: number) => boolean;

const contains =
  (model: Model, address: number): Test =>
  (vma) => {
    const start = model.data.vmas.start[vma] ?? 0;
    const birth = model.start[vma] ?? 0;
    const inside = (from: number, size: number): boolean => address >= from && address < from + size;
    return inside(start, model.data.vmas.size[vma] ?? 0) || inside(birth, model.size[vma] ?? 0);
  };

function byMm(model: Model, holds: (pid: number | null, comm: string) => boolean): Test {
  const wanted = model.data.mms.map(({ pid, comm }) => holds(pid, comm));
  return (vma) => wanted[model.mm(vma)] === true;
}

/** What a text means; null when it means nothing. */
function testOf(model: Model, text: string): Test | null {
  if (text === '') return null;
  if (/^0x[0-9a-f]+$/i.test(text)) return contains(model, Number(text));
  const [, letter = '', digits = ''] = /^([uvd])(\d+)$/i.exec(text) ?? [];
  const number = Number(digits);
  if (letter.toLowerCase() === 'v') return (vma) => model.number[vma] === number;
  if (letter.toLowerCase() === 'u')
    return (vma) => model.data.ufiles[model.data.vmas.ufile[vma] ?? 0]?.id === `U${number}`;
  if (/^\d+$/.test(text)) return byMm(model, (pid, comm) => pid === Number(text) || comm.includes(text));
  if (/^[0-9a-f]{6,16}$/i.test(text)) {
    const [here, named] = [
      contains(model, Number.parseInt(text, 16)),
      byMm(model, (_, comm) => comm.includes(text)),
    ];
    return (vma) => here(vma) || named(vma);
  }
  const low = text.toLowerCase();
  return byMm(model, (pid, comm) => `${comm.toLowerCase()}[${pid ?? '?'}]`.includes(low));
}

/** The VMAs that a text finds, in order of their names; null when it asks for nothing. */
export function search(model: Model, text: string): Int32Array | null {
  const test = testOf(model, text.trim());
  if (test === null) return null;
  return new Int32Array(model.count).map((_, vma) => vma).filter(test);
}
