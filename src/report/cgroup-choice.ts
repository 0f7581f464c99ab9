/** Chooses processes by their cgroup, and keeps account of those whose cgroup is not known. */
import type { Cgroup, Mm, Ufile } from '../timeline/model.ts';
import { type CgroupTest, cgroupTest } from './cgroup-filter.ts';

/** What hangs on the path of a cgroup that has not been told. */
export interface Unnamed {
  /** Address spaces, by their ordinals. */
  readonly mms: Set<number>;
  /** What they map, or their processes opened. */
  readonly ufiles: Set<Ufile>;
}

export class CgroupChoice {
  readonly #isIn: CgroupTest;
  /** Address spaces, by their ordinals, of whose processes no cgroup was told. */
  readonly #untold = new Set<number>();
  readonly #unnamed = new Map<Cgroup, Unnamed>();

  /** @param asked in the form that `parseCgroup` gives; undefined: every process is chosen */
  constructor(asked: string | undefined) {
    this.#isIn = asked === undefined ? () => true : cgroupTest(asked);
  }

  /** How many address spaces are left out because nobody knows the cgroup of their processes. */
  get unknown(): number {
    let count = this.#untold.size;
    for (const [cgroup, { mms }] of this.#unnamed) if (this.#isIn(cgroup) === null) count += mms.size;
    return count;
  }

  /** What was left out, and would not have been if the path of its cgroup had been known then. */
  late(): Unnamed[] {
    return [...this.#unnamed].filter(([cgroup]) => this.#isIn(cgroup) === true).map(([, unnamed]) => unnamed);
  }

  /** Whether an address space, which maps a ufile, is one of a process that is chosen. */
  takesMm({ cgroup }: Mm, ordinal: number, ufile: Ufile): boolean {
    const isIn = this.#isIn(cgroup);
    if (isIn === null && cgroup === null) this.#untold.add(ordinal);
    else this.#untold.delete(ordinal);
    if (isIn === null) this.#unnamedOf(cgroup, ufile)?.mms.add(ordinal);
    return isIn === true;
  }

  /** Whether a process that opened a ufile, or holds it, is chosen. */
  takesHolder(cgroup: Cgroup | null, ufile: Ufile): boolean {
    const isIn = this.#isIn(cgroup);
    if (isIn === null) this.#unnamedOf(cgroup, ufile);
    return isIn === true;
  }

  #unnamedOf(cgroup: Cgroup | null, ufile: Ufile): Unnamed | null {
    if (cgroup === null) return null;
    const unnamed = this.#unnamed.get(cgroup) ?? { mms: new Set(), ufiles: new Set() };
    this.#unnamed.set(cgroup, unnamed);
    unnamed.ufiles.add(ufile);
    return unnamed;
  }
}
