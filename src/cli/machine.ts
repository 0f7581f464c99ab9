/** Holds this machine against the checks of `umaptrace doctor` before a trace, and when one cannot attach. */
import { machineFacts, withVersion } from '../capture/machine/facts.ts';
import { triedFacts } from '../capture/machine/try.ts';
import { judgeVersion } from '../doctor/bpftrace.ts';
import { isTrouble, type Trouble } from '../doctor/check.ts';
import { CHECKS } from '../doctor/checks.ts';
import { examine, isAble, troubles } from '../doctor/examine.ts';
import { uverbs } from '../doctor/uverbs.ts';
import { EXIT } from '../exit.ts';
import { escapeText } from '../report/escape.ts';
import { UserError } from '../user-error.ts';
import type { Context } from './context.ts';
import { sudoLine } from './root.ts';

const sentence = ({ found, cost }: Trouble): string => escapeText(`${found}: ${cost}`);

/** What is wrong, each with the line that mends it, as it goes behind `umaptrace: `. */
const withMends = (found: readonly Trouble[]): string =>
  found
    .map((trouble) => `${sentence(trouble)}${trouble.mend === null ? '' : `\n  ${escapeText(trouble.mend)}`}`)
    .join('\numaptrace: ');

/**
 * Makes sure that tracing is not known to be impossible here, as far as files tell, and warns of what a trace would suffer from unseen.
 * @param wait ib_uverbs may still be missing
 * @param asks whether bpftrace is asked for its version: that takes time from one that compiles, whose version is known later
 * @throws UserError that names what mends it
 */
export async function requireMachine(
  context: Context,
  { wait, asks }: { wait: boolean; asks: boolean },
): Promise<void> {
  const checks = CHECKS.filter((check) => !wait || check !== uverbs);
  const read = machineFacts(sudoLine(), context.env);
  const facts = asks ? await withVersion(read) : read;
  const examined = examine(facts, checks);
  if (!isAble(examined)) {
    const all = troubles(examine(await withVersion(facts), checks));
    throw new UserError(withMends(all.filter(({ state }) => state === 'missing')), {
      exitCode: EXIT.machine,
    });
  }
  const warnings = troubles(examined.filter(({ check }) => check.warns === true));
  if (warnings.length > 0) context.stderr.write(`umaptrace: ${withMends(warnings)}\n`);
}

/**
 * Makes sure that a bpftrace is not too old.
 * @throws UserError that names what mends it
 */
export function requireVersion(bpftrace: string, version: string): void {
  const diagnosis = judgeVersion(bpftrace, version);
  if (isTrouble(diagnosis)) throw new UserError(withMends([diagnosis]), { exitCode: EXIT.machine });
}

/** Why a program could not be attached to this machine, as far as the checks find a reason; '' when they find none. */
export async function explainFailure(context: Context): Promise<string> {
  const examined = examine(await triedFacts(machineFacts(sudoLine(), context.env)));
  const suspects = examined.filter(
    ({ check, diagnosis }) => diagnosis.state === 'missing' || check.hinders === true,
  );
  return withMends(troubles(suspects));
}
