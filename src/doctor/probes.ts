import { type Check, ok, unknown, warning } from './check.ts';

export const probes: Check = {
  name: 'probes',
  looksAt: 'umaptrace probes',
  judge({ plan, uverbs }) {
    if (!uverbs) return unknown('ib_uverbs is not loaded');
    if (plan === null) return unknown('no probe plan can be made');
    const losses = plan.losses.filter(({ event }) => event !== 'snapshot_vma');
    if (losses.length === 0) return ok(`${plan.probes} probes see every event`);
    return warning(losses.map(({ event, reason }) => `no ${event}: ${reason}`).join('; '), {
      cost: losses.map(({ without }) => without).join('; '),
      mend: null,
    });
  },
};
