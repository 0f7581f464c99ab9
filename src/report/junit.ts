/** What the rules say, as JUnit XML: one test case for each rule, and one for the evidence. */
import type { Builder, TestSuite } from 'junit-report-builder';
import type { Finding, Missing } from '../check/finding.ts';
import type { Rule } from '../check/rule.ts';
import { RULES } from '../check/rules.ts';
import type { Checked } from './check-formats.ts';
import { escapeText } from './escape.ts';

/** Its types tell of a default export within the module; at run time the module is the builder itself. */
const isBuilder = (value: unknown): value is Builder =>
  typeof value === 'object' && value !== null && 'newBuilder' in value;

/** The library is large: what does not ask for it does not wait for it. */
async function startReport(): Promise<Builder> {
  const { default: found }: { default: unknown } = await import('junit-report-builder');
  if (!isBuilder(found)) throw new Error('junit-report-builder is not what it was');
  return found.newBuilder();
}

const CLASS = 'umaptrace.check';

const findingLine = ({ severity, message, evidence }: Finding): string =>
  `${severity}: ${escapeText(message)} [event ${evidence.join(', ')}]`;
const missingLine = ({ what, how }: Missing): string =>
  `missing: ${escapeText(what)} (next time: ${escapeText(how)})`;

/** The library mends only the first end of a CDATA section that is in a text. */
const cdata = (lines: readonly string[]): string => lines.join('\n').replaceAll(']]>', ']] >');

/** A rule fails by a violation; without its evidence it is skipped. */
function addRule(
  suite: TestSuite,
  { name, promise }: Rule,
  findings: readonly Finding[],
  missing: readonly Missing[],
): void {
  const test = suite.testCase().className(CLASS).name(name);
  const [violation, ...others] = findings.filter(({ severity }) => severity === 'violation');
  if (violation !== undefined) {
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    test.failure(escapeText(violation.message) + more, 'violation');
  } else if (missing.some(({ decides }) => decides)) {
    test.skipped();
  }
  const lines = [promise, ...findings.map(findingLine), ...missing.map(missingLine)];
  test.standardOutput(cdata(lines));
}

/** Missing evidence is an error: neither passed nor failed. Nothing to hold is a test that was skipped. */
function addEvidence(suite: TestSuite, { outcome }: Checked): void {
  const test = suite.testCase().className(CLASS).name('evidence');
  const { verdict, missing, tracked, disassociations } = outcome;
  const deciding = missing.filter(({ decides }) => decides);
  if (verdict === 'inconclusive') {
    test.error(`inconclusive: ${deciding.map(({ what }) => escapeText(what)).join('; ')}`, 'inconclusive');
  }
  if (verdict === 'vacuous') test.skipped();
  const seen = `verdict ${verdict}: ${tracked} tracked VMAs, ${disassociations} disassociations`;
  test.standardOutput(cdata([seen, ...missing.map(missingLine)]));
}

export async function junit(checked: Checked): Promise<string> {
  const { outcome, file } = checked;
  const report = await startReport();
  const suite = report.testSuite().name('umaptrace check');
  suite.property('recording', escapeText(file));
  suite.property('verdict', outcome.verdict);
  for (const rule of RULES) {
    const own = <T extends { readonly rule: string | null }>(all: readonly T[]): T[] =>
      all.filter((each) => each.rule === rule.name);
    addRule(suite, rule, own(outcome.findings), own(outcome.missing));
  }
  addEvidence(suite, checked);
  return `${report.build()}\n`;
}
