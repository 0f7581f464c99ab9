/** What the rules say, as text. */
import type { Judgement } from './collect.ts';
import { escapeText } from './escape.ts';
import { foldText } from './line.ts';
import type { Paint, Tone } from './paint.ts';
import type { FindingJson, MissingJson, Verdict } from './schema.ts';

export interface JudgementTextOptions {
  readonly paint: Paint;
  /** Columns; lines are folded below it. */
  readonly width: number;
  /** Whether findings about others were left out. */
  readonly partial?: boolean;
}

const TONES: Record<FindingJson['severity'], Tone> = { violation: 'alarm', warning: 'doubt', info: 'plain' };

const MEANING: Record<Verdict, string> = {
  pass: 'every promise was kept',
  violation: 'the kernel broke a promise',
  inconclusive: 'evidence is missing: neither that promises were kept, nor that one was broken',
  vacuous: 'no tracked VMA or no disassociation was seen, so there was nothing to hold the kernel to',
};

/** Events named in a line; the others are counted. */
const MOST = 12;

function eventsText(evidence: readonly number[]): string {
  const more = evidence.length > MOST ? ` and ${evidence.length - MOST} more` : '';
  return `event ${evidence.slice(0, MOST).join(', ')}${more}`;
}

const indented = (text: string, indent: number, width: number): string =>
  foldText(text, width - indent)
    .map((row) => `${' '.repeat(indent)}${row}\n`)
    .join('');

function findingText(finding: FindingJson, { paint, width }: JudgementTextOptions): string {
  const { rule, severity, message, ufile, vma, evidence } = finding;
  const names = [ufile, vma].filter((name) => name !== null).join(' ');
  const head = `  ${paint(TONES[severity], severity)}  ${paint('name', rule)}${names === '' ? '' : `  ${names}`}\n`;
  const shown = evidence.length === 0 ? '' : paint('dim', indented(eventsText(evidence), 4, width));
  return head + indented(escapeText(message), 4, width) + shown;
}

/** What is missing, with how to have it next time once for all that have it in common. */
function missingText(missing: readonly MissingJson[], { paint, width }: JudgementTextOptions): string {
  return missing
    .map(({ rule, what, how }, i) => {
      const text = indented(escapeText(rule === null ? what : `${rule}: ${what}`), 2, width);
      if (missing[i + 1]?.how === how) return text;
      return text + paint('dim', indented(`next time: ${escapeText(how)}`, 4, width));
    })
    .join('');
}

/** Findings, missing evidence and verdict, each line with its newline. */
export function judgementText(judgement: Judgement, options: JudgementTextOptions): string {
  const { findings, missing = [], verdict } = judgement;
  const { paint, width, partial = false } = options;
  const parts = [];
  if (findings.length > 0) {
    parts.push(
      `${paint('title', 'Findings')}\n`,
      ...findings.map((each) => findingText(each, options)),
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

function verdictLine(verdict: Verdict, { paint, width, partial }: Required<JudgementTextOptions>): string[] {
  const title = partial ? 'Verdict (of the whole recording)' : 'Verdict';
  const tone = verdict === 'violation' ? 'alarm' : verdict === 'pass' ? 'gain' : 'doubt';
  const [first = '', ...rest] = foldText(MEANING[verdict], width - title.length - verdict.length - 4);
  const below = rest.map((row) => `           ${row}\n`);
  return [`${paint('title', title)}  ${paint(tone, verdict)}: ${first}\n`, ...below];
}
