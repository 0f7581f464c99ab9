/** A rule, explained: for `check --explain` and for docs/rules.md. */
import type { Rule } from '../check/rule.ts';
import { foldText } from './line.ts';
import type { Paint } from './paint.ts';

const INDENT = 2;

/** What a rule says of itself, by heading. */
function sections(rule: Rule): readonly (readonly [heading: string, text: string])[] {
  const { promise, rationale, reserve, needs, example } = rule;
  return [
    ['Holds when', promise],
    ['Why', rationale],
    ...(reserve === null ? [] : [['What it does not say', reserve] as const]),
    ['Evidence', `events ${needs.join(', ')}`],
    ['Example', example],
  ];
}

/** The text of `check --explain RULE`. */
export function explainText(
  rule: Rule,
  { paint, width }: { readonly paint: Paint; readonly width: number },
): string {
  const fold = (text: string): string =>
    foldText(text, width - INDENT)
      .map((row) => `${' '.repeat(INDENT)}${row}\n`)
      .join('');
  const parts = sections(rule).map(([heading, text]) => `\n${paint('title', heading)}\n${fold(text)}`);
  return `${paint('name', rule.name)} (${rule.severity})\n${parts.join('')}`;
}

const INTRODUCTION = `# The rules of \`umaptrace check\`

Generated from \`src/check/\` by \`npm run generate\`. Do not edit. \`umaptrace check --explain RULE\` prints the same.

\`umaptrace check\` holds a recording against what the kernel promises: after a disassociation no process maps the
device any more. A finding of severity *violation* says that the kernel broke a promise, a *warning* that something is wrong or slow that
is no broken promise, *info* what is worth knowing.

| verdict | exit code | when |
|---|---|---|
| violation | 1 | a violation was found that no lost event could explain |
| inconclusive | 3 | a rule of severity violation lacked evidence; what, and how to have it next time, is told |
| vacuous | 3 | no disassociation of a ufile with a tracked VMA was seen |
| pass | 0 | otherwise |

A violation is told only when nothing that was missed (lost or late events, skipped program runs, events that do not fit) lies in the
stretch of time on which it rests. Else it is told as missing evidence.
`;

const anchorTable = (rules: readonly Rule[]): string =>
  [
    '| rule | severity | holds when |',
    '|---|---|---|',
    ...rules.map(({ name, severity, promise }) => `| [${name}](#${name}) | ${severity} | ${promise} |`),
  ].join('\n');

const ruleText = (rule: Rule): string => {
  const parts = sections(rule).map(([heading, text]) =>
    heading === 'Example' ? `**${heading}**\n\n> ${text}` : `**${heading}.** ${text}`,
  );
  return `## ${rule.name}\n\nSeverity: ${rule.severity}.\n\n${parts.join('\n\n')}\n`;
};

/** The text of docs/rules.md. */
export const rulesPage = (rules: readonly Rule[]): string =>
  `${INTRODUCTION}\n${anchorTable(rules)}\n\n${rules.map(ruleText).join('\n')}`;
