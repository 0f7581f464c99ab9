/** docs/support.md, from what the matrix has shown. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { CELLS, LIMITS, type Limit, type Outcome, outcomeSchema, TRIALS } from './matrix.ts';

const path = (name: string): string => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));

const cellSchema = v.object({
  kernel: v.string(),
  bpftrace: v.string(),
  date: v.string(),
  trials: v.record(v.string(), outcomeSchema),
});
const resultsSchema = v.record(v.string(), cellSchema);
export type Cell = v.InferOutput<typeof cellSchema>;
export type Results = v.InferOutput<typeof resultsSchema>;

/** What the matrix has shown so far, by cell. */
export const readResults = (): Results =>
  v.parse(resultsSchema, JSON.parse(readFileSync(path('support.json'), 'utf8')));

const limits = Object.keys(LIMITS).filter((name): name is Limit => name in LIMITS);

function mark(outcome: Outcome | undefined): string {
  if (outcome === undefined) return '';
  if (!outcome.ok) return '**red**';
  return outcome.limit === undefined ? 'ok' : `ok (${limits.indexOf(outcome.limit) + 1})`;
}

const cells = (results: Results): [string, Cell][] =>
  CELLS.flatMap((name) => (results[name] === undefined ? [] : [[name, results[name]] as [string, Cell]]));

function reds(results: Results): string {
  const lines = cells(results).flatMap(([name, { trials }]) =>
    Object.entries(trials)
      .filter(([, { ok }]) => !ok)
      .map(([trial, { seen }]) => `- ${name}, ${trial}: ${seen.replace(/\s+/g, ' ').slice(0, 300)}\n`),
  );
  return lines.length === 0 ? '' : `\n## Red\n\n${lines.join('')}`;
}

function notRun(results: Results): string {
  const missing = CELLS.filter((name) => results[name] === undefined);
  return missing.length === 0 ? '' : `\nNot run yet: ${missing.join(', ')}.\n`;
}

/** The text of docs/support.md. */
export function supportPage(results: Results): string {
  const columns = Object.keys(TRIALS);
  const rows = cells(results).map(([, cell]) =>
    ['', cell.kernel, cell.bpftrace, ...columns.map((column) => mark(cell.trials[column])), '']
      .join(' | ')
      .trim(),
  );
  return `# What works where

Written by \`npm run matrix\`, which boots each of these kernels with each of these bpftraces and holds what umaptrace tells against
what the workloads did. Do not edit.

| kernel | bpftrace | ${columns.join(' | ')} |
| --- | --- | ${columns.map(() => '---').join(' | ')} |
${rows.join('\n')}
${notRun(results)}
- *lifecycle*, *handed-fd*, *unplug*, *reset*, *chaos* (3 seeds): at every quiet moment what is mapped is what /proc/PID/maps says,
  no event is lost, none contradicts another, and the verdict of \`check\` is as it should be: vacuous for the first two, pass for the next two.
- *ps*: a mapping and a descriptor from before are found. *plain rxe*: all VMAs of ibv_rc_pingpong are seen, driver-managed, and end.
- *escape*: a mapping that is made in the window of a teardown and still reaches the device afterwards, as the workload itself shows,
  is a violation.

## Limits

${limits.map((limit, i) => `${i + 1}. ${LIMITS[limit].reason}`).join('\n')}
${reds(results)}`;
}

/** Adds what a cell has shown, and writes the page. */
export function keep(name: string, cell: Cell): void {
  const results = { ...readResults(), [name]: cell };
  writeFileSync(path('support.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(path('support.md'), supportPage(results));
}
