import { type Check, missing, ok, unknown, warning } from './check.ts';
import type { Facts } from './facts.ts';

/** Why no plan can be made, unless another check says it. */
const unexplained = ({ kernel, unplanned }: Facts): string | null =>
  kernel.addresses === true && kernel.btf?.includes('vmlinux') ? unplanned : null;

export const probes: Check = {
  name: 'probes',
  looksAt: 'umaptrace probes',
  judge(facts) {
    const { plan, uverbs } = facts;
    const why = unexplained(facts);
    if (why !== null) return missing(why, { cost: 'nothing can be traced', mend: null });
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
