import { constants } from 'node:os';
import { execa } from 'execa';

/** The user that a traced command is to run as. */
export interface RunAs {
  readonly user: string;
  /** The user's own group. */
  readonly group: string;
}

/** The name of the user who called sudo; null when nobody did. */
export function callingUser(env: NodeJS.ProcessEnv): string | null {
  const user = env['SUDO_USER'];
  return user === undefined || user === '' || user === 'root' ? null : user;
}

/** A user of this machine; null when there is none of that name. */
export async function findUser(user: string): Promise<RunAs | null> {
  const { exitCode, stdout } = await execa('id', ['-g', '--', user], { reject: false, stdin: 'ignore' });
  return exitCode === 0 ? { user, group: stdout.trim() } : null;
}

/** A running command that is traced. */
export interface Command {
  readonly pid: number | undefined;
  /** Its exit status: 128+n when signalled, 126/127 when it could not be started. */
  readonly status: Promise<number>;
  kill(signal: NodeJS.Signals): void;
}

const signalNumber = (signal: string): number => {
  const numbers = new Map<string, number>(Object.entries(constants.signals));
  return numbers.get(signal) ?? 0;
};

interface Outcome {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly code?: string | undefined;
}

function statusOf({ exitCode, signal, code }: Outcome): number {
  if (exitCode !== undefined) return exitCode;
  if (signal !== undefined) return 128 + signalNumber(signal);
  return code === 'EACCES' ? 126 : 127;
}

/** The words that run a command as a user, with that user's groups. */
const becoming = ({ user, group }: RunAs): string[] => {
  return ['setpriv', `--reuid=${user}`, `--regid=${group}`, '--init-groups', '--'];
};

/**
 * Starts a command with this process's standard streams.
 * @param words the program and its arguments; never a shell's line
 * @param as the user it runs as; null: as this process
 */
export function startCommand(words: readonly string[], as: RunAs | null): Command {
  const [program = '', ...args] = as === null ? words : [...becoming(as), ...words];
  const child = execa(program, args, { stdio: 'inherit', reject: false, buffer: false });
  return {
    pid: child.pid,
    status: child.then(statusOf),
    kill: (signal) => {
      child.kill(signal);
    },
  };
}
