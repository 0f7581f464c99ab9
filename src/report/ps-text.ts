import { escapeText } from './escape.ts';
import type { HeldVma, Holder } from './ps.ts';

const count = (vmas: readonly HeldVma[], kind: HeldVma['kind']): string => {
  const some = vmas.filter((vma) => vma.kind === kind);
  const pages = some.reduce((sum, vma) => sum + vma.pages, 0);
  return some.length === 0 ? '-' : `${some.length} (${pages}p)`;
};

/** `4 device, 1 absent`: all pages of all VMAs whose page tables were read. */
function mapped(vmas: readonly HeldVma[]): string {
  const read = vmas.flatMap(({ pte }) => pte ?? []);
  const kinds = ['device', 'dummy', 'absent', 'unknown'] as const;
  const sums = kinds.map((kind) => ({ kind, pages: read.reduce((sum, pte) => sum + pte[kind], 0) }));
  const told = sums.filter(({ pages }) => pages > 0).map(({ kind, pages }) => `${pages} ${kind}`);
  return told.join(', ') || '-';
}

const headOf = (pte: boolean): string[] => [
  'DEVICE',
  'UFILE',
  'PID',
  'COMM',
  'TRACKED',
  'DRIVER',
  ...(pte ? ['PAGE TABLES'] : []),
  'FDS',
  'CGROUP',
];

const rowOf = (holder: Holder, pte: boolean): string[] => [
  `${holder.device ?? '?'} (${holder.uverbs ?? '?'})`,
  holder.ufile,
  String(holder.pid),
  holder.comm,
  count(holder.vmas, 'io'),
  count(holder.vmas, 'driver'),
  ...(pte ? [mapped(holder.vmas)] : []),
  holder.fds.length === 0 ? '-' : String(holder.fds.length),
  holder.cgroup ?? '-',
];

/** One line for each holder; VMAs as their number and pages. @param pte whether page tables were read */
export function psText(found: readonly Holder[], pte = false): string {
  if (found.length === 0) return 'nobody has a uverbs device open or mapped\n';
  const rows = [headOf(pte), ...found.map((holder) => rowOf(holder, pte))].map((row) => row.map(escapeText));
  const widths = headOf(pte).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
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
