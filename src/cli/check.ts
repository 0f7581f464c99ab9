/** umaptrace check: is the kernel's promise kept? */
import { Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import type { Rule } from '../check/rule.ts';
import { RULES } from '../check/rules.ts';
import { EXIT } from '../exit.ts';
import { CHECK_FORMAT_NAMES, CHECK_FORMATS } from '../report/check-formats.ts';
import { explainText } from '../report/explain.ts';
import { paintOf, widthOf } from './colour.ts';
import type { Context } from './context.ts';
import { chooseFormat } from './format.ts';
import { runCheck } from './run-check.ts';

const EXAMPLES = `
Examples:
  umaptrace check                                umaptrace.rec
  umaptrace check run.rec -o check.sarif         for code scanning
  umaptrace check run.rec --format junit         for CI
  umaptrace check --explain escaped              what a rule means, and why

Exit status: 0 pass, 1 violation, 3 inconclusive or vacuous, 2 unreadable.`;

const RULE_NAMES = RULES.map(({ name }) => name);

function command() {
  return new Command('check')
    .summary("hold a recording against the kernel's promises")
    .description("Holds a recording against the kernel's promises. Exits with the verdict. Needs no root.")
    .argument('[file]', 'the recording; - is standard input', 'umaptrace.rec')
    .addOption(new Option('--format <name>', 'form of the answer').choices(CHECK_FORMAT_NAMES))
    .option('--json', 'the same as --format json')
    .option('-o, --output <file>', 'write to a file; its extension chooses the format')
    .option('--force', 'replace the output file if it exists')
    .option('--all', 'list all findings, however many')
    .addOption(
      new Option('--explain <rule>', 'explain a rule instead')
        .choices(RULE_NAMES)
        .conflicts(['output', 'format', 'json']),
    )
    .addHelpText('after', EXAMPLES);
}

function explain(context: Context, rule: Rule): number {
  const options = { paint: paintOf(context, 'stdout'), width: widthOf(context, 'stdout') };
  context.stdout.write(explainText(rule, options));
  return EXIT.good;
}

/** The verb's command. */
export function checkVerb(context: Context): CommandUnknownOpts {
  return command().action(async (file, options) => {
    const rule = RULES.find(({ name }) => name === options.explain);
    const { output, force, all } = options;
    context.status =
      rule === undefined
        ? await runCheck(context, {
            ...{ file, output, force, all },
            format: chooseFormat(CHECK_FORMAT_NAMES, CHECK_FORMATS, options),
          })
        : explain(context, rule);
  });
}
