import { escapeText } from './escape.ts';
import type { HeldVma, Holder } from './ps.ts';

const count = (vmas: readonly HeldVma[], kind: HeldVma['kind']): string => {
  const some = vmas.filter((vma) => vma.kind === kind);
  const pages = some.reduce((sum, vma) => sum + vma.pages, 0);
  return some.length === 0 ? '-' : `${some.length} (${pages}p)`;
};

const HEAD = ['DEVICE', 'UFILE', 'PID', 'COMM', 'TRACKED', 'DRIVER', 'FDS', 'CGROUP'];

const rowOf = (holder: Holder): string[] => [
  `${holder.device ?? '?'} (${holder.uverbs ?? '?'})`,
  holder.ufile,
  String(holder.pid),
  holder.comm,
  count(holder.vmas, 'io'),
  count(holder.vmas, 'driver'),
  holder.fds.length === 0 ? '-' : String(holder.fds.length),
  holder.cgroup ?? '-',
];

/** One line for each holder; VMAs as their number and pages. */
export function psText(found: readonly Holder[]): string {
  if (found.length === 0) return 'nobody has a uverbs device open or mapped\n';
  const rows = [HEAD, ...found.map(rowOf)].map((row) => row.map(escapeText));
  const widths = HEAD.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
