/** What the rules say, as SARIF 2.1.0. */
import type { Log, Notification, ReportingDescriptor, Result } from 'sarif';
import type { Finding, Missing, Severity } from '../check/finding.ts';
import type { Rule } from '../check/rule.ts';
import { RULES } from '../check/rules.ts';
import type { Checked } from './check-formats.ts';
import { escapeText, jsonText } from './escape.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

type Level = 'error' | 'warning' | 'note';
const LEVELS: Record<Severity, Level> = { violation: 'error', warning: 'warning', info: 'note' };

const descriptor = (rule: Rule): ReportingDescriptor => ({
  id: rule.name,
  shortDescription: { text: rule.promise },
  fullDescription: { text: rule.rationale },
  help: { text: [rule.reserve ?? '', `It needs the events ${rule.needs.join(', ')}.`].join(' ').trim() },
  defaultConfiguration: { level: LEVELS[rule.severity] },
});

/** Where: the recording, and in it the ufile or VMA by name. */
function location({ ufile, vma }: Finding, uri: string): NonNullable<Result['locations']> {
  const name = vma ?? ufile;
  const logical = name === null ? {} : { logicalLocations: [{ name, kind: 'object' }] };
  return [{ physicalLocation: { artifactLocation: { uri } }, ...logical }];
}

/** Without links, which SARIF has in messages: `[text](target)` (3.11.6). */
const plainText = (text: string): string => escapeText(text).replace(/[\\[\]]/g, '\\$&');

const result = (finding: Finding, uri: string): Result => ({
  ruleId: finding.rule,
  ruleIndex: RULES.findIndex(({ name }) => name === finding.rule),
  level: LEVELS[finding.severity],
  message: { text: plainText(finding.message) },
  locations: location(finding, uri),
  properties: { ufile: finding.ufile, vma: finding.vma, events: [...finding.evidence] },
});

const notification = ({ rule, what, how, decides }: Missing): Notification => ({
  level: decides ? 'warning' : 'note',
  message: { text: `${plainText(what)}; next time: ${plainText(how)}` },
  ...(rule === null
    ? {}
    : { associatedRule: { id: rule, index: RULES.findIndex(({ name }) => name === rule) } }),
});

/** A file name as a relative or absolute URI reference. */
const uriOf = (file: string): string =>
  file === '-' ? 'stdin' : file.split('/').map(encodeURIComponent).join('/');

export function sarif({ outcome, file, version }: Checked): string {
  const uri = uriOf(file);
  const { verdict, findings, missing, tracked, disassociations } = outcome;
  const log: Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'umaptrace', version, rules: RULES.map(descriptor) } },
        invocations: [{ executionSuccessful: true, toolExecutionNotifications: missing.map(notification) }],
        artifacts: [{ location: { uri } }],
        results: findings.map((each) => result(each, uri)),
        properties: { verdict, tracked, disassociations },
      },
    ],
  };
  return `${jsonText(log)}\n`;
}
