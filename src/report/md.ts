/** The timeline as markdown: what one pastes into a bug report. */
import type { UmapEvent } from '../event/events.gen.ts';
import type { Header } from '../recording/format.ts';
import { duration, relativeTime } from '../time-text.ts';
import type { Change, Disassociation } from '../timeline/model.ts';
import { Clock } from './clock.ts';
import { type Judgement, NOT_JUDGED } from './collect.ts';
import { Describer } from './describe.ts';
import { environment } from './environment.ts';
import { renderLine } from './line.ts';
import { LineQueue } from './line-queue.ts';
import { block, code, escapedCode, escapedProse, prose, table } from './markdown.ts';
import { missingEvidence, missingText } from './missing.ts';
import { plain } from './paint.ts';
import { Processes } from './processes.ts';
import { relevant, type TaggedLine, tag } from './relevant.ts';
import type { FindingJson } from './schema.ts';
import type { Selection } from './select.ts';
import { summaryRows } from './summary.ts';
import type { Tally } from './tally.ts';
import { counted } from './values.ts';
import type { Sink, Trouble, View } from './view.ts';

/** Lines of the timeline that a bug report is given. */
const MOST_LINES = 200;
/** Lines that are looked at; later ones are counted. */
const MOST_KEPT = 200_000;
const MOST_FINDINGS = 50;
const MOST_DISASSOCIATIONS = 50;
const STYLE = { paint: plain, width: 100, time: relativeTime, timeWidth: 11 };

export interface MdOptions {
  readonly sink: Sink;
  readonly selection: Selection;
  readonly judge?: () => Judgement;
}

const more = (left: number, noun: string, where: string): string =>
  left > 0 ? `\n${counted(left, `more ${noun}`)}: \`${where}\` shows all.\n` : '';

function findingItem({ rule, severity, message, ufile, vma, evidence }: FindingJson): string {
  const about = [ufile, vma].filter((name) => name !== null).join(' ');
  const shown = evidence.slice(0, 10).join(', ');
  const events = evidence.length === 0 ? '' : `; events ${shown}${evidence.length > 10 ? ', …' : ''}`;
  return `- **${severity}** ${code(rule)}${about === '' ? '' : ` ${about}`}: ${prose(message)}${events}\n`;
}

/** What the verdict lacked. */
function missingItems({ verdict, missing = [] }: Judgement): string {
  const all = verdict === 'inconclusive' ? missingEvidence(missing) : [];
  if (all.length === 0) return '';
  const items = all.slice(0, MOST_FINDINGS).map((each) => `- ${prose(missingText(each))}\n`);
  const rest = more(all.length - MOST_FINDINGS, 'thing', 'umaptrace check --all');
  return `\nMissing evidence, and the rules that need it:\n\n${items.join('')}${rest}`;
}

function findingsText(judgement: Judgement): string {
  const { findings, verdict } = judgement;
  if (verdict === null) return 'The rules were not applied.\n';
  const list = findings.slice(0, MOST_FINDINGS).map(findingItem).join('');
  const rest = more(findings.length - MOST_FINDINGS, 'finding', 'umaptrace check --all');
  return `Verdict: **${verdict}**\n\n${list === '' ? 'No findings.\n' : list}${rest}${missingItems(judgement)}`;
}

/** When a phase began, after the one before it. */
const phase = (event: UmapEvent | null, before: UmapEvent | null): string =>
  event === null ? '' : before === null ? relativeTime(event.ns) : `+${duration(event.ns - before.ns)}`;

function disassociationRow(d: Disassociation): string[] {
  const { requested, teardown, zapping, ended } = d;
  const what = `${d.kind === 'remove' ? 'removal' : d.kind}${d.device === null ? '' : ` of ${code(d.device)}`}`;
  const phases = [
    phase(requested, null),
    phase(teardown, requested),
    phase(zapping, teardown ?? requested),
    phase(ended, zapping),
  ];
  return [d.id, what, d.ufile.id, ...phases, String(d.zaps)];
}

function disassociationsText(all: readonly Disassociation[]): string {
  if (all.length === 0) return '';
  const headings = ['', 'what', 'ufile', 'requested', 'teardown', 'zapping', 'ended', 'zaps'];
  const rows = all.slice(0, MOST_DISASSOCIATIONS).map(disassociationRow);
  const rest = more(all.length - MOST_DISASSOCIATIONS, 'disassociation', 'umaptrace report');
  return `\n## Disassociations\n\n${table(headings, rows)}${rest}`;
}

export class MdView implements View {
  readonly #options: MdOptions;
  readonly #describer = new Describer();
  readonly #queue = new LineQueue<TaggedLine>((line) => this.#keep(line));
  readonly #disassociations = new Set<Disassociation>();
  readonly #processes = new Processes();
  #header: Header | null = null;
  #lines: TaggedLine[] = [];
  #unkept = 0;
  #latest = 0;

  constructor(options: MdOptions) {
    this.#options = options;
  }

  begin(header: Header): void {
    this.#header = header;
  }

  event(event: UmapEvent | null, changes: readonly Change[]): void {
    this.#latest = event?.ns ?? this.#latest;
    for (const change of changes) this.#change(change);
  }

  trouble(trouble: Trouble): void {
    if (trouble.what === 'note') return;
    const text = `bpftrace lost ${counted(trouble.count, 'event')} about here`;
    const about = { n: null, ufile: null, vma: null, frame: true };
    const ns = trouble.ns ?? this.#latest;
    this.#queue.put({ ns, who: '', rail: ' ', name: '…', parts: [['doubt', text]], ...about });
  }

  end(tally: Tally): void {
    if (this.#header === null) return;
    this.#queue.flush(true);
    const { sink, selection, judge } = this.#options;
    const judgement = judge?.() ?? NOT_JUDGED;
    const facts = environment(this.#header, tally).map(([label, text]) => [label, escapedCode(text)]);
    const summary = summaryRows(tally).map(({ label, text }) => [label, escapedProse(text)]);
    const shown = [...this.#disassociations].filter((each) => selection.showsDisassociation(each));
    sink(`# umaptrace report\n\n## Environment\n\n${table(['', ''], facts)}`);
    sink(`\n## Summary\n\n${table(['', ''], summary)}`);
    sink(`\n## Findings\n\n${findingsText(judgement)}`);
    sink(disassociationsText(shown));
    sink(this.#processes.markdown);
    this.#writeTimeline(judgement.findings);
  }

  #writeTimeline(findings: readonly FindingJson[]): void {
    const { sink } = this.#options;
    const shown = relevant(this.#lines, findings, MOST_LINES);
    const text = shown.map((line) =>
      typeof line === 'number' ? `  … ${counted(line, 'line')} left out\n` : renderLine(line, STYLE),
    );
    const timeline = text.length === 0 ? 'Nothing of what is asked for.\n' : block(text.join(''));
    sink(`\n## Timeline\n\nTimes in seconds since ${this.#start()}.\n\n${timeline}`);
    const left = this.#unkept + Math.max(0, this.#lines.length - MOST_LINES);
    sink(more(left, 'line', 'umaptrace report'));
  }

  #start(): string {
    const header = this.#header;
    return (header === null ? null : new Clock(header).dayAndTime(0)) ?? 'the start of the trace';
  }

  #keep(line: TaggedLine): void {
    if (this.#lines.length < MOST_KEPT) this.#lines.push(line);
    else this.#unkept++;
  }

  /** Every change goes through the selection, wanted or not, and most through the describer: both keep track. */
  #change(change: Change): void {
    if ('disassociation' in change && change.disassociation) this.#disassociations.add(change.disassociation);
    const { selection } = this.#options;
    const wanted = selection.wants(change);
    if (wanted) this.#processes.add(change);
    if (!selection.within(change) && !this.#describer.follows(change)) return;
    const lines = this.#describer.lines(change).map((line) => tag(change, line));
    if (change.what === 'vma-born' && change.vma.mm.pid === null) {
      const { mm } = change.vma;
      for (const line of lines) this.#queue.putBirth(line, mm, () => wanted || selection.wants(change));
    } else if (change.what === 'forked') {
      const waited = this.#queue.told(change.mm);
      if (wanted && !waited) for (const line of lines) this.#queue.put(line);
    } else if (wanted) {
      for (const line of lines) this.#queue.put(line);
    }
  }
}
