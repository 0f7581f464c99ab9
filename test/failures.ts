/** What failed, a few lines for each test: the end of a long log is what a reader of CI sees first. */
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import * as v from 'valibot';

const FIRST_LINES = 4;
const LAST_LINES = 8;
const COLUMNS = 200;

/** The part of vitest's JSON report that is read here. */
export const resultsSchema = v.object({
  numPassedTests: v.number(),
  numFailedTests: v.number(),
  numPendingTests: v.number(),
  testResults: v.array(
    v.object({
      name: v.string(),
      message: v.string(),
      assertionResults: v.array(
        v.object({ fullName: v.string(), status: v.string(), failureMessages: v.array(v.string()) }),
      ),
    }),
  ),
});

/** @returns for each failed test (or file that could not be run) its name and, indented, what each try said */
export function* failures({ testResults }: v.InferOutput<typeof resultsSchema>): Generator<string> {
  for (const { name, message, assertionResults } of testResults) {
    const file = relative('.', name);
    if (message !== '') yield `${file}\n${brief(message)}`;
    for (const { fullName, status, failureMessages } of assertionResults) {
      if (status === 'failed') yield `${file}: ${fullName}\n${failureMessages.map(brief).join('\n')}`;
    }
  }
}

/** A message without its stack, and of a long one its two ends. */
function brief(message: string): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
    .map((line) => `    ${line.slice(0, COLUMNS)}`);
  if (lines.length <= FIRST_LINES + LAST_LINES) return lines.join('\n');
  return [...lines.slice(0, FIRST_LINES), '    …', ...lines.slice(-LAST_LINES)].join('\n');
}
