import { type Check, missing, ok } from './check.ts';

export const uverbs: Check = {
  name: 'ib_uverbs',
  looksAt: '/sys/class/infiniband_verbs',
  judge({ uverbs: loaded }) {
    if (loaded) return ok('loaded, or built in');
    return missing('ib_uverbs is not loaded', {
      cost: 'there is nothing to trace yet',
      mend: 'modprobe ib_uverbs    (or trace --wait, which begins when it comes)',
    });
  },
};
