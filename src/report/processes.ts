/** The processes that a bug report is about, and where they are. */
import type { Change, Mm } from '../timeline/model.ts';
import { code, prose, table } from './markdown.ts';
import { cgroupName } from './names.ts';
import { counted } from './values.ts';

const MOST_SHOWN = 30;
/** Later ones are not counted either. */
const MOST_KEPT = 10_000;

const mmOf = (change: Change): Mm | null => {
  if (change.what === 'forked') return change.mm;
  return 'vma' in change && change.vma !== null ? change.vma.mm : null;
};

const row = ({ comm, pid, cgroup }: Mm): string[] => {
  const path = cgroup?.path ?? null;
  return [code(`${comm}[${pid}]`), path === null ? prose(cgroupName(cgroup)) : code(path)];
};

/** The address spaces that map something, the last one of each process. */
export class Processes {
  readonly #mms = new Map<number, Mm>();

  add(change: Change): void {
    const mm = mmOf(change);
    if (mm === null || mm.pid === null) return;
    if (this.#mms.size < MOST_KEPT || this.#mms.has(mm.pid)) this.#mms.set(mm.pid, mm);
  }

  /** A table in markdown; empty when there are none. */
  get markdown(): string {
    if (this.#mms.size === 0) return '';
    const rows = [...this.#mms.values()].slice(0, MOST_SHOWN).map(row);
    const left = this.#mms.size - MOST_SHOWN;
    const more = this.#mms.size === MOST_KEPT ? ' or more' : '';
    const rest =
      left > 0
        ? `\n${counted(left, 'more process', 'more processes')}${more}: \`umaptrace report --json\` has all.\n`
        : '';
    return `\n## Processes\n\n${table(['process', 'cgroup'], rows)}${rest}`;
  }
}
