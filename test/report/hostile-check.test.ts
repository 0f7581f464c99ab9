/** What comms can hold, in the answers of check that other programs read. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import type { Finding, Outcome } from '../../src/check/finding.ts';
import { CHECK_FORMATS, type Checked } from '../../src/report/check-formats.ts';
import { plain } from '../../src/report/paint.ts';
import { Tally } from '../../src/report/tally.ts';

const COMM = 'a]]><x y="z&">[b](http://c.d)]]>';

const finding: Finding = {
  ...{ rule: 'touched-after-zap', severity: 'violation', ufile: 'U1', vma: 'V1' },
  ...{ message: `${COMM} and ${COMM}, ]]>, again ${COMM}`, evidence: [1], since: 0, until: 1 },
};
const missing = { rule: null, what: `${COMM} ${COMM}`, how: COMM, evidence: [], decides: true };
const outcome: Outcome = {
  ...{ verdict: 'violation', findings: [finding], missing: [missing], tracked: 1, disassociations: 1 },
};
const checked: Checked = {
  ...{ outcome, tally: new Tally(), file: COMM, version: '1', paint: plain, width: 79, all: false },
};

it('JUnit XML is what its schema knows', async () => {
  const contents = await CHECK_FORMATS.junit.text(checked);
  const schema = readFileSync(new URL('junit.xsd', import.meta.url), 'utf8');
  const { errors } = await validateXML({
    xml: [{ fileName: 'check.xml', contents }],
    schema: [{ fileName: 'junit.xsd', contents: schema }],
  });
  expect(errors).toEqual([]);
  expect(contents.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, '')).not.toContain('<x');
});

it('SARIF has no links', async () => {
  const text = await CHECK_FORMATS.sarif.text(checked);
  expect(text).not.toMatch(/[^\\]\[b\]\(http/);
  expect(text).toContain(String.raw`\\[b\\](http://c.d)`);
});
