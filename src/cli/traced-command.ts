/** The command that a trace is of. */
import { type Command, callingUser, findUser, type RunAs, startCommand } from '../capture/command.ts';
import { EXIT } from '../exit.ts';
import { escapeText } from '../report/escape.ts';
import { UserError } from '../user-error.ts';
import type { Context } from './context.ts';
import type { Ends } from './ends.ts';

/** What was asked for. */
interface Asked {
  /** Its words; none: no command. */
  readonly command: readonly string[];
  readonly user?: string | undefined;
}

/**
 * Who the command runs as; null: as this process does.
 * @throws UserError when there is no such user
 */
export async function commandUser(context: Context, { command, user }: Asked): Promise<RunAs | null> {
  const name = user ?? callingUser(context.env);
  if (command.length === 0) return null;
  if (name === null) {
    context.stderr.write('umaptrace: the command runs as root; --user chooses another user\n');
    return null;
  }
  const found = await findUser(name);
  if (found !== null) return found;
  throw new UserError(`there is no user ${escapeText(name)}`, { exitCode: EXIT.usage });
}

/** Starts the command, which ends the trace when it ends; null when there is none, or the trace is to end already. */
export function runCommand({ command: words }: Asked, as: RunAs | null, ends: Ends): Command | null {
  if (words.length === 0 || ends.signal.aborted) return null;
  const command = startCommand(words, as);
  void command.status.then(() => ends.end());
  return command;
}
