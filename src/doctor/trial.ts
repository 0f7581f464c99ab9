import { type Check, missing, ok, unknown } from './check.ts';
import type { Trial } from './facts.ts';

/** What its words say is wrong, and what mends that; the first that fits. */
const KNOWN: readonly (readonly [RegExp, (release: string) => string])[] = [
  [/linux\/types\.h|kernel headers|file not found/i, (release) => `apt install linux-headers-${release}`],
  [/libLLVM|libclang|shared librar/i, () => 'apt install --reinstall bpftrace'],
  [/SIGKILL/, () => 'give it more memory, if dmesg shows that it was killed for want of that'],
];

const saying = ({ ending, words }: Trial): string =>
  words.length === 0 ? ending : `${ending}; ${words.join('; ')}`;

export const trial: Check = {
  name: 'a tiny program',
  looksAt: 'bpftrace -e, which reads a word of the kernel and has a kprobe',
  judge({ bpftrace, kernel: { release } }) {
    if (bpftrace === null) return unknown('there is no bpftrace to try');
    if (bpftrace.trial === null) return unknown('bpftrace runs as root alone');
    if (bpftrace.trial.worked) return ok('bpftrace compiles, loads and runs it');
    const said = saying(bpftrace.trial);
    const [, mend] = KNOWN.find(([pattern]) => pattern.test(said)) ?? [];
    return missing(`bpftrace cannot run a tiny program (${said})`, {
      cost: 'nothing can be traced',
      mend: mend?.(release) ?? `see all that it says: ${bpftrace.path} -e 'BEGIN { exit(); }'`,
    });
  },
};
