import { isSea } from 'node:sea';
import { EXIT } from '../exit.ts';
import { UserError } from '../user-error.ts';

/** A word as a shell would have it: quoted when it needs to be. */
const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** The line that runs this very command again as root: absolute paths, for sudo's PATH hides npm's. */
export function sudoLine(argv: readonly string[] = process.argv): string {
  const [node = process.execPath, script = '', ...args] = argv;
  const program = isSea() ? [process.execPath] : [node, script];
  return ['sudo', ...program, ...args].map(shellWord).join(' ');
}

/** @throws UserError unless this process is root. */
export function requireRoot(verb: string): void {
  if (process.geteuid?.() === 0) return;
  throw new UserError(`umaptrace ${verb} attaches probes to the kernel, which needs root`, {
    exitCode: EXIT.machine,
    hint: sudoLine(),
  });
}
