/** A probe at return by kretprobe: it no longer has the arguments, so a kprobe at entry keeps them, by thread. */
import { textWords } from '../event/words.ts';
import { expand } from './expand.ts';
import type { Kernel } from './kernel.ts';

/** The map that keeps a function's arguments and, last, the time of entry, for each thread that is inside it. */
const mapOf = (symbol: string): string => `@in_${symbol.replace(/\W/g, '_')}`;

/** What is still in such a map when bpftrace ends, as it prints it: the thread, and the last of the kept words. */
const LEFT = /^@in_(\w+)\[(\d+)\]: \(.*?(\d+)\)$/gm;

/** A call whose return was not seen. */
export interface Inside {
  readonly function: string;
  readonly tid: number;
  /** When it was entered, ns since boot. */
  readonly since: bigint;
}

/** The calls whose return was not seen by the time bpftrace ended, from what it printed then. */
export const leftInside = (printed: string): Inside[] =>
  Array.from(printed.matchAll(LEFT), ([, name = '', tid = '0', since = '0']) => ({
    function: name,
    tid: Number(tid),
    since: BigInt(since),
  }));

/**
 * The kprobe's and the kretprobe's bodies. No function of the probes calls itself: what is kept at entry already is of a
 * call whose return the kretprobe missed.
 * @param body of the probe at return
 * @param kept numbers of the arguments that it uses
 */
export function atReturn(
  symbol: string,
  body: string,
  kept: readonly number[],
  kernel: Kernel,
): { entry: string; atReturn: string } {
  const map = mapOf(symbol);
  const time = kept.length;
  const name = textWords(symbol, 4).map((word) => `(uint64)0x${word}`);
  const missed = expand(`EMIT(return_missed, ${name.join(', ')}, nsecs - $kept.${time})`, {
    kernel,
    argument: (i) => `arg${i}`,
  });
  const entry = [
    `  $kept = ${map}[tid];`,
    `  if ($kept.${time} != 0) {`,
    `  ${missed};`,
    '  }',
    `  ${map}[tid] = (${[...kept.map((i) => `(uint64)arg${i}`), 'nsecs'].join(', ')});`,
  ];
  const seen = expand(body, { kernel, argument: (i) => `$arg${i}` });
  const load = kept.map((i, at) => `  $arg${i} = $kept.${at};`);
  const leave = [`  $kept = ${map}[tid];`, `  if ($kept.${time} != 0) {`, ...load, `  delete(${map}[tid]);`];
  return { entry: entry.join('\n'), atReturn: [...leave, seen, '  }'].join('\n') };
}
