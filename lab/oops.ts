/**
 * Lines that say the kernel itself has failed. Lockup and stall reports are left out:
 * an emulated guest on a busy machine makes them without any fault of the kernel's.
 */
const FAILURES = [
  /Kernel panic - not syncing/,
  /\bBUG: (?!soft lockup|workqueue lockup)/,
  /kernel BUG at /,
  /\bOops\b/,
  /general protection fault/,
  /\bKASAN: /,
  /\bUBSAN: /,
  /refcount_t: /,
  /list_(add|del) corruption/,
  /double fault/,
  /possible (circular|recursive) locking/,
];

const LINES_AFTER = 12;

/**
 * The lines of a kernel log that tell of a panic, an oops or the like, with what follows each; empty when all is well.
 * @param expected lines that are none, though they look like it
 */
export function findOops(log: string, expected?: RegExp): string[] {
  const lines = log.split('\n').map((line) => line.trimEnd());
  const wanted = new Set<number>();
  for (const [index, line] of lines.entries()) {
    if (expected?.test(line) || !FAILURES.some((pattern) => pattern.test(line))) continue;
    for (let near = index; near <= index + LINES_AFTER && near < lines.length; near++) wanted.add(near);
  }
  return lines.filter((line, index) => wanted.has(index) && line !== '');
}
