/** What the rules say, as one JSON document. */
import type { Checked } from './check-formats.ts';
import { judgementOf } from './judge.ts';
import { recordingJson } from './recording-json.ts';
import type { CheckJson } from './schema.ts';
import { writeJson } from './write-json.ts';

/** Depth from which on a value is put on one line. */
const COMPACT = 4;

export function checkJson({ outcome, tally }: Checked): string {
  const { header } = tally;
  if (header === null) return '';
  const { findings, missing = [] } = judgementOf(outcome);
  const { tracked, disassociations, verdict } = outcome;
  const json: CheckJson = {
    schema: 'umaptrace/check/1',
    recording: recordingJson(header, tally),
    seen: { tracked, disassociations },
    findings: [...findings],
    missing: [...missing],
    verdict,
  };
  const pieces: string[] = [];
  writeJson(json, COMPACT, (text) => {
    pieces.push(String(text));
  });
  return `${pieces.join('')}\n`;
}
