/** What the rules say, as text. */
import type { Judgement } from './collect.ts';
import { escapeText } from './escape.ts';
import { foldText } from './line.ts';
import type { Paint, Tone } from './paint.ts';
import type { FindingJson, MissingJson, Verdict } from './schema.ts';
import { counted } from './values.ts';

export interface JudgementTextOptions {
  readonly paint: Paint;
  /** Columns; lines are folded below it. */
  readonly width: number;
  /** Whether findings about others were left out. */
  readonly partial?: boolean;
  /** Long lists are not cut. */
  readonly all?: boolean;
}

const TONES: Record<FindingJson['severity'], Tone> = { violation: 'alarm', warning: 'doubt', info: 'plain' };

const MEANING: Record<Verdict, string> = {
  pass: 'every promise was kept',
  violation: 'the kernel broke a promise',
  inconclusive: 'evidence is missing, so it cannot be said whether the promises were kept',
  vacuous:
    'no disassociation of a ufile with a tracked VMA was seen, so there was nothing to hold the kernel to',
};

/** Events named in a line, findings and things missing that are listed; the others are counted. */
const MOST_EVENTS = 12;
const MOST_LISTED = 100;

/** That so many were left out, and what shows them. */
const more = (left: number, noun: string, paint: Paint): string =>
  left > 0 ? `  ${paint('dim', `… ${counted(left, `more ${noun}`)}: --all shows all`)}\n` : '';

function eventsText(evidence: readonly number[], all: boolean): string {
  const listed = all ? evidence : evidence.slice(0, MOST_EVENTS);
  const left = evidence.length - listed.length;
  return `event ${listed.join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
}

const indented = (text: string, indent: number, width: number): string =>
  foldText(text, width - indent)
    .map((row) => `${' '.repeat(indent)}${row}\n`)
    .join('');

function findingText(finding: FindingJson, { paint, width, all = false }: JudgementTextOptions): string {
  const { rule, severity, message, ufile, vma, evidence } = finding;
  const names = [ufile, vma].filter((name) => name !== null).join(' ');
  const head = `  ${paint(TONES[severity], severity)}  ${paint('name', rule)}${names === '' ? '' : `  ${names}`}\n`;
  const shown = evidence.length === 0 ? '' : paint('dim', indented(eventsText(evidence, all), 4, width));
  return head + indented(escapeText(message), 4, width) + shown;
}

/** What is missing, with how to have it next time once for all that have it in common. */
function missingText(missing: readonly MissingJson[], { paint, width, all }: JudgementTextOptions): string {
  const listed = all === true ? missing : missing.slice(0, MOST_LISTED);
  const texts = listed.map(({ rule, what, how }, i) => {
    const text = indented(escapeText(rule === null ? what : `${rule}: ${what}`), 2, width);
    if (listed[i + 1]?.how === how) return text;
    return text + paint('dim', indented(`next time: ${escapeText(how)}`, 4, width));
  });
  return texts.join('') + more(missing.length - listed.length, 'thing', paint);
}

/** Findings, missing evidence and verdict, each line with its newline. */
export function judgementText(judgement: Judgement, options: JudgementTextOptions): string {
  const { findings, missing = [], verdict } = judgement;
  const { paint, width, partial = false, all = false } = options;
  const listed = all ? findings : findings.slice(0, MOST_LISTED);
  const parts = [];
  if (findings.length > 0) {
    parts.push(
      `${paint('title', 'Findings')}\n`,
      ...listed.map((each) => findingText(each, options)),
      more(findings.length - listed.length, 'finding', paint),
      '\n',
    );
  }
  const deciding = missing.filter(({ decides }) => decides);
  const others = missing.filter(({ decides }) => !decides);
  if (deciding.length > 0) {
    parts.push(`${paint('title', 'Missing evidence')}\n`, missingText(deciding, options), '\n');
  }
  if (others.length > 0) {
    const title = paint('title', 'Not known, and not part of the verdict');
    parts.push(`${title}\n`, missingText(others, options), '\n');
  }
  if (verdict !== null) parts.push(...verdictLine(verdict, { paint, width, partial }));
  return parts.join('');
}

function verdictLine(
  verdict: Verdict,
  { paint, width, partial }: Required<Pick<JudgementTextOptions, 'paint' | 'width' | 'partial'>>,
): string[] {
  const title = partial ? 'Verdict (of the whole recording)' : 'Verdict';
  const tone = verdict === 'violation' ? 'alarm' : verdict === 'pass' ? 'gain' : 'doubt';
  const [first = '', ...rest] = foldText(MEANING[verdict], width - title.length - verdict.length - 4);
  const below = rest.map((row) => `           ${row}\n`);
  return [`${paint('title', title)}  ${paint(tone, verdict)}: ${first}\n`, ...below];
}
