/** The part of the HTML report that needs no script: summary, environment, findings, disassociations. */

import { duration, relativeTime } from '../../time-text.ts';
import type { Judgement } from '../collect.ts';
import type { Fact } from '../environment.ts';
import { escapeText } from '../escape.ts';
import { missingEvidence, missingText } from '../missing.ts';
import type { FindingJson } from '../schema.ts';
import type { SummaryRow } from '../summary.ts';
import { counted } from '../values.ts';
import type { DisassociationData, PageData } from './data.ts';
import { escapeHtml } from './escape.ts';

const MOST_ROWS = 200;

const item = (label: string, text: string, mark = ''): string =>
  `<div${mark}><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(text)}</dd></div>`;

const more = (left: number, noun: string): string =>
  left > 0 ? `<p class="more">${counted(left, `more ${noun}`)} not listed here.</p>` : '';

/** Where in the page a finding is: its VMA, its ufile, or its first event. */
function place({ vma, ufile, evidence }: FindingJson): string | null {
  const [first] = evidence;
  return vma ?? ufile ?? (first === undefined ? null : `e${first}`);
}

function findingHtml(finding: FindingJson): string {
  const { rule, severity, message } = finding;
  const target = place(finding);
  const words = `<b>${escapeHtml(rule)}</b> ${escapeHtml(escapeText(message))}`;
  const body = target === null ? `<span>${words}</span>` : `<a href="#${escapeHtml(target)}">${words}</a>`;
  return `<li class="${severity}"><i>${severity}</i>${body}</li>`;
}

/** What the verdict lacked. */
function missingHtml({ verdict, missing = [] }: Judgement): string {
  const all = verdict === 'inconclusive' ? missingEvidence(missing) : [];
  if (all.length === 0) return '';
  const items = all.slice(0, MOST_ROWS).map((each) => {
    const text = `${missingText(each)}; next time: ${each.how}`;
    return `<li>${escapeHtml(escapeText(text))}</li>`;
  });
  const left = more(all.length - MOST_ROWS, 'thing');
  return `<details><summary>Missing evidence: ${counted(all.length, 'thing')}</summary><ul>${items.join('')}</ul>${left}</details>`;
}

function findingsHtml(judgement: Judgement): string {
  const { findings, verdict } = judgement;
  if (verdict === null) return '<p class="verdict">The rules were not applied.</p>';
  const list = findings.slice(0, MOST_ROWS).map(findingHtml).join('');
  const body = list === '' ? '<p>No findings.</p>' : `<ul class="findings">${list}</ul>`;
  return `<p class="verdict ${verdict}">Verdict: <b>${verdict}</b></p>${body}${more(findings.length - MOST_ROWS, 'finding')}${missingHtml(judgement)}`;
}

const cell = (text: string): string => `<td>${escapeHtml(text)}</td>`;

const phase = (at: number | null, before: number | null): string =>
  at === null ? '–' : before === null ? relativeTime(at) : `+${duration(at - before)}`;

function disassociationHtml(d: DisassociationData, { ufiles, actors }: PageData): string {
  const waited = d.waits.reduce((sum, [, from, to]) => sum + to - from, 0);
  const cells = [
    `${d.kind === 'remove' ? 'removal' : 'reset'}${d.device === null ? '' : ` of ${d.device}`}`,
    ufiles[d.ufile]?.id ?? '',
    actors[d.actor] ?? '',
    phase(d.requested, null),
    phase(d.teardown, d.requested),
    phase(d.zapping, d.teardown ?? d.requested),
    phase(d.ended, d.zapping),
    String(d.zaps),
    d.waits.length === 0 ? '–' : duration(waited),
  ];
  return `<tr><td><a href="#${escapeHtml(d.id)}">${escapeHtml(d.id)}</a></td>${cells.map(cell).join('')}</tr>`;
}

function disassociationsHtml(data: PageData): string {
  const all = data.disassociations;
  if (all.length === 0) return '';
  const names = [
    '',
    'what',
    'ufile',
    'by',
    'requested',
    'teardown',
    'zapping',
    'ended',
    'zaps',
    'waited for mms',
  ];
  const head = names.map((name) => `<th>${name}</th>`).join('');
  const rows = all
    .slice(0, MOST_ROWS)
    .map((d) => disassociationHtml(d, data))
    .join('');
  const left = more(all.length - MOST_ROWS, 'disassociation');
  return `<section><h2>Disassociations</h2><div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>${left}</section>`;
}

function cutHtml({ left, vmas }: PageData): string {
  const parts = [
    left.vmas > 0 ? `${counted(left.vmas, 'VMA')} after the first ${counted(vmas.number.length, 'VMA')}` : '',
    left.entries > 0 ? `${counted(left.entries, 'entry', 'entries')} of histories` : '',
  ].filter((part) => part !== '');
  if (parts.length === 0) return '';
  return `<p class="cut">Not in this page: ${parts.join(', ')}. The text and JSON Lines reports show all; --since, --until and filters choose a part.</p>`;
}

export interface Top {
  readonly facts: readonly Fact[];
  readonly summary: readonly SummaryRow[];
  readonly judgement: Judgement;
  readonly data: PageData;
}

/** The top of the page. */
export function topHtml({ facts, summary, judgement, data }: Top): string {
  const rows = summary.map(({ label, text, doubt }) => item(label, text, doubt ? ' class="doubt"' : ''));
  const environment = facts.map(([label, text]) => item(label, text)).join('');
  return [
    `<div class="columns"><section><h2>Summary</h2><dl>${rows.join('')}</dl></section>`,
    `<section><h2>Environment</h2><dl>${environment}</dl></section>`,
    '</div>',
    `<section><h2>Findings</h2>${findingsHtml(judgement)}</section>`,
    disassociationsHtml(data),
    cutHtml(data),
  ].join('\n');
}
