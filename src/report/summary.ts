/** The summary at the end of a timeline. */

import { duration } from '../time-text.ts';
import { escapeText } from './escape.ts';
import { foldText } from './line.ts';
import type { Paint } from './paint.ts';
import type { Tally } from './tally.ts';
import { counted } from './values.ts';

const LABEL = 15;

type Row = readonly [label: string, text: string];

/** Counts that are not zero, as `3 of this, 2 of that`. */
const listed = (...parts: readonly (readonly [number, string])[]): string =>
  parts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count.toLocaleString('en-US')} ${what}`)
    .join(', ');

function memoryRows(tally: Tally): Row[] {
  const { vmas, touched } = tally;
  const rows: Row[] = [
    ['ufiles', String(tally.ufiles)],
    ['VMAs', listed([vmas.io, 'tracked'], [vmas.driver, 'driver-managed']) || 'none'],
  ];
  if (tally.zapped > 0) rows.push(['zapped', `${counted(tally.zapped, 'VMA')}`]);
  if (tally.disassociations > 0) rows.push(['disassociations', String(tally.disassociations)]);
  const touches = listed(
    [touched.dummy, 'got the dummy page'],
    [touched.sigbus, 'got SIGBUS'],
    [touched.oom, 'got no memory'],
  );
  if (touches !== '') rows.push(['touched', `${touches}`]);
  if (tally.failedMmaps > 0) rows.push(['failed', counted(tally.failedMmaps, 'mmap')]);
  return rows;
}

function eventRow(tally: Tally): Row {
  const within = tally.end === null ? '' : ` in ${duration(Math.max(0, tally.end))}`;
  return [
    'events',
    `${tally.events.toLocaleString('en-US')}${within}, ${tally.lost.toLocaleString('en-US')} lost`,
  ];
}

function unappliedRows({ unapplied: { before, after } }: Tally): Row[] {
  const text = listed(
    [before, 'from before all probes were attached'],
    [after, 'from after the trace was asked to end'],
  );
  return text === '' ? [] : [['not applied', text]];
}

function unreadableText(tally: Tally): string {
  const named = tally.unreadableLines.slice(0, 5).map(({ line, reason }) => `line ${line} ${reason}`);
  const more = tally.unreadable - named.length;
  return `${counted(tally.unreadable, 'line')}: ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function incompleteText(tally: Tally): string {
  const reasons = tally.footer?.reasons ?? [];
  if (reasons.length > 0) return reasons.map(escapeText).join('; ');
  return tally.footer === null
    ? 'the recording has no end: the tracer was stopped, or the file was cut'
    : 'it says so itself';
}

function missedText(tally: Tally): string {
  const missed = Object.entries(tally.missed).filter(([, count]) => count > 0);
  return missed.map(([program, count]) => `${escapeText(program)} ${count}`).join(', ');
}

/** What the reader cannot rely on, each with its reason. */
function doubtRows(tally: Tally): Row[] {
  const rows: Row[] = [];
  if (tally.vmas.io === 0)
    rows.push(['nothing tracked', 'no tracked VMA was seen: there was nothing to revoke']);
  if (tally.untracked > 0)
    rows.push(['untracked', `${counted(tally.untracked, 'VMA')} of device memory that nobody can revoke`]);
  if (tally.late > 0) rows.push(['late', `${counted(tally.late, 'event')} came too late to be put in order`]);
  if (tally.mismatches > 0)
    rows.push(['mismatches', `${counted(tally.mismatches, 'event')} did not fit what was known`]);
  const missed = missedText(tally);
  if (missed !== '') rows.push(['missed runs', missed]);
  if (tally.unreadable > 0) rows.push(['unreadable', unreadableText(tally)]);
  if (tally.absent > 0)
    rows.push(['absent', `${counted(tally.absent, 'event line')} that the recording's end counts`]);
  if (tally.footer?.complete !== true) rows.push(['not complete', incompleteText(tally)]);
  for (const probe of tally.header?.probes ?? []) {
    if (probe.attached) continue;
    const why = probe.reason === undefined ? '' : `: ${escapeText(probe.reason)}`;
    rows.push(['not attached', `${escapeText(probe.event)} (${escapeText(probe.function)})${why}`]);
  }
  for (const note of tally.notes) rows.push(['note', escapeText(note)]);
  if (tally.moreNotes > 0) rows.push(['notes', `${tally.moreNotes} more`]);
  return rows;
}

/** A line of the summary; `doubt`: the reader cannot rely on something. */
export interface SummaryRow {
  readonly label: string;
  readonly text: string;
  readonly doubt: boolean;
}

/** The summary as data, its text escaped: what every form of a report shows. */
export function summaryRows(tally: Tally): SummaryRow[] {
  const rows = (doubt: boolean, list: readonly Row[]): SummaryRow[] =>
    list.map(([label, text]) => ({ label, text, doubt }));
  return [
    ...rows(false, memoryRows(tally)),
    ...rows(tally.lost > 0, [eventRow(tally)]),
    ...rows(false, unappliedRows(tally)),
    ...rows(true, doubtRows(tally)),
  ];
}

export interface SummaryOptions {
  readonly paint: Paint;
  /** Columns; rows are folded below it. */
  readonly width: number;
  readonly title?: string;
}

/** The summary's lines, each with its newline. */
export function summaryText(tally: Tally, { paint, width, title = 'Summary' }: SummaryOptions): string {
  const row = ({ label, text, doubt }: SummaryRow): string => {
    const lines = foldText(text, width - LABEL - 4).join(`\n${' '.repeat(LABEL + 4)}`);
    return `  ${paint(doubt ? 'doubt' : 'plain', label.padEnd(LABEL))}  ${lines}\n`;
  };
  return [`${paint('title', title)}\n`, ...summaryRows(tally).map(row)].join('');
}
