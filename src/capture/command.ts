import { constants } from 'node:os';
import { execa } from 'execa';

/** The user that a traced command is to run as. */
export interface RunAs {
  readonly user: string;
}

/** The user who called sudo; null when nobody did. */
export function callingUser(env: NodeJS.ProcessEnv = process.env): RunAs | null {
  const user = env['SUDO_USER'];
  return user === undefined || user === '' || user === 'root' ? null : { user };
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

/** What setpriv has to be told to become a user, with that user's groups. */
async function becoming(as: RunAs): Promise<string[]> {
  const { stdout } = await execa('id', ['-g', '--', as.user]);
  return ['--reuid', as.user, '--regid', stdout.trim(), '--init-groups', '--'];
}

/**
 * Starts a command with this process's standard streams.
 * @param words the program and its arguments; never a shell's line
 * @param as the user it runs as; null: as this process
 */
export async function startCommand(words: readonly string[], as: RunAs | null): Promise<Command> {
  const [program = '', ...args] = words;
  const become = as === null ? [] : await becoming(as);
  const [file, rest] = as === null ? [program, args] : ['setpriv', [...become, program, ...args]];
  const child = execa(file, rest, { stdio: 'inherit', reject: false, buffer: false });
  return {
    pid: child.pid,
    status: child.then(statusOf),
    kill: (signal) => {
      child.kill(signal);
    },
  };
}
