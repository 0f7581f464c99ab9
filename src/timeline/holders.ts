/** Who holds a ufile open, by descriptors and by mappings. */
import type { Change, Ufile } from './model.ts';

/** A process that holds a ufile open. */
export interface Holder {
  readonly pid: number | null;
  readonly comm: string;
  /** Descriptors, as they were last looked at. */
  readonly fds: readonly number[];
  /** Live VMAs. */
  readonly vmas: number;
}

interface Descriptor {
  readonly pid: number;
  readonly comm: string;
  readonly fd: number;
}

/** A list of all descriptors comes in one piece: what comes so much later belongs to a later one; ns. */
const PAUSE_NS = 1e9;

/** Keeps the descriptors as they were last listed: no event tells when one is passed on or closed. */
export class Holders {
  readonly #descriptors = new Map<Ufile, Descriptor[]>();
  #listed = Number.NEGATIVE_INFINITY;

  /** Takes the next change. */
  see(change: Change): void {
    if (change.what === 'ufile-freed' || change.what === 'ufile-closed')
      this.#descriptors.delete(change.ufile);
    if (change.what !== 'ufile-held') return;
    const { ufile, fd, event } = change;
    const { pid, comm, ns } = event;
    if (ns - this.#listed > PAUSE_NS) this.#descriptors.clear();
    this.#listed = ns;
    const known = this.#descriptors.get(ufile);
    if (known === undefined) this.#descriptors.set(ufile, [{ pid, comm, fd }]);
    else known.push({ pid, comm, fd });
  }

  /** When descriptors were last listed, ns; minus infinity: never. */
  get listed(): number {
    return this.#listed;
  }

  /** Whether a process was last seen with descriptors of a ufile, and of no other. */
  onlyOf(pid: number | null, ufile: Ufile): boolean {
    const held = [...this.#descriptors].filter(([, all]) => all.some((each) => each.pid === pid));
    return held.length === 1 && held[0]?.[0] === ufile;
  }

  /** Who holds a ufile, in order of pid. */
  of(ufile: Ufile): Holder[] {
    const holders = new Map<number | null, { comm: string; fds: number[]; vmas: number }>();
    const holder = (pid: number | null, comm: string) => {
      const known = holders.get(pid) ?? { comm, fds: [], vmas: 0 };
      holders.set(pid, known);
      return known;
    };
    for (const { pid, comm, fd } of this.#descriptors.get(ufile) ?? []) holder(pid, comm).fds.push(fd);
    for (const { mm } of ufile.vmas) holder(mm.pid, mm.comm).vmas += 1;
    return [...holders].map(([pid, rest]) => ({ pid, ...rest })).sort((a, b) => (a.pid ?? 0) - (b.pid ?? 0));
  }
}
