import { isSea } from 'node:sea';

/** A word as a shell would have it: quoted when it needs to be. */
const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** The line that runs this very command again as root: absolute paths, for sudo's PATH hides npm's. */
export function sudoLine(argv: readonly string[] = process.argv): string {
  const [node = process.execPath, script = '', ...args] = argv;
  const program = isSea() ? [process.execPath] : [node, script];
  return ['sudo', ...program, ...args].map(shellWord).join(' ');
}
