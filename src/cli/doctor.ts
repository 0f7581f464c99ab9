/** umaptrace doctor: what this machine can trace, what is missing, and what mends it. */
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { machineFacts } from '../capture/machine/facts.ts';
import { triedFacts } from '../capture/machine/try.ts';
import { examine } from '../doctor/examine.ts';
import { EXIT } from '../exit.ts';
import { doctorJson } from '../report/doctor.ts';
import { doctorText } from '../report/doctor-text.ts';
import { jsonDocument } from '../report/write-json.ts';
import { paintOf, widthOf } from './colour.ts';
import type { Context } from './context.ts';
import { sudoLine } from './root.ts';
import { VERSION } from './version.ts';

const EXAMPLES = `
Examples:
  umaptrace doctor                               what can be told without root
  sudo umaptrace doctor                          all of it; tries a tiny program
  umaptrace doctor --json | jq '.checks[] | select(.state != "ok")'

Exits with 0 when umaptrace trace, run by this user, can work, and with 4 when it cannot.`;

/** Depth from which on the JSON is on one line: that of a check's fields. */
const COMPACT = 3;

async function doctor(context: Context, json: boolean): Promise<number> {
  const facts = await triedFacts(machineFacts(sudoLine(), context.env));
  const found = doctorJson(facts, examine(facts), VERSION);
  if (json) context.stdout.write(jsonDocument(found, COMPACT));
  else {
    const style = { paint: paintOf(context, 'stdout'), width: widthOf(context, 'stdout') };
    context.stdout.write(doctorText(found, style));
  }
  return found.able ? EXIT.good : EXIT.machine;
}

/** The doctor verb's command. */
export function doctorVerb(context: Context): CommandUnknownOpts {
  return new Command('doctor')
    .summary('tell what this machine can trace, and what mends what is missing')
    .description(
      'Tells what this machine can trace, what is missing, what that costs, and the command that mends it. Root is told more.',
    )
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options) => {
      context.status = await doctor(context, options.json === true);
    });
}
