import { type Check, missing, ok, unknown } from './check.ts';

export const starts: Check = {
  name: 'helpers',
  looksAt: 'setpriv --pdeathsig KILL env --block-signal=TERM true',
  judge({ starts: works }) {
    if (works === null) return unknown('not tried');
    if (works) return ok('setpriv and env start programs that end with umaptrace');
    return missing('setpriv or env is not there, or lacks --pdeathsig or --block-signal', {
      cost: 'bpftrace cannot be started',
      mend: 'apt install util-linux coreutils    (those of busybox have less)',
    });
  },
};
