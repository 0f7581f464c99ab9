import type { Vma } from '../timeline/model.ts';

/**
 * VMAs of which it is still to be heard whether their mm lived on, each with what is known. Nearly every change is a sign of life of
 * some mm, so they are found by that; but for those from before the trace, of which it says nothing.
 */
export class LeftVmas<Known> {
  readonly #all = new Map<Vma, Known>();
  readonly #byMm = new Map<string, Set<Vma>>();

  /** Whether a sign of life would say something of any. */
  get waits(): boolean {
    return this.#byMm.size > 0;
  }

  add(vma: Vma, known: Known): void {
    this.#all.set(vma, known);
    if (vma.origin.cause === 'snapshot') return;
    const { pointer } = vma.mm;
    const those = this.#byMm.get(pointer);
    if (those === undefined) this.#byMm.set(pointer, new Set([vma]));
    else those.add(vma);
  }

  has(vma: Vma): boolean {
    return this.#all.has(vma);
  }

  get(vma: Vma): Known | undefined {
    return this.#all.get(vma);
  }

  delete(vma: Vma): void {
    this.#all.delete(vma);
    const { pointer } = vma.mm;
    const those = this.#byMm.get(pointer);
    those?.delete(vma);
    if (those?.size === 0) this.#byMm.delete(pointer);
  }

  /** Those of which a sign of life of the mm at a kernel address says something, in the order in which they were added. */
  in(mm: string): [Vma, Known][] {
    return [...(this.#byMm.get(mm) ?? [])].flatMap((vma): [Vma, Known][] => {
      const known = this.#all.get(vma);
      return known === undefined ? [] : [[vma, known]];
    });
  }

  /** All of them, in the order in which they were added. */
  all(): [Vma, Known][] {
    return [...this.#all];
  }
}
