import { type Check, ok, warning } from './check.ts';
import type { DeviceFacts } from './facts.ts';

/** Drivers that map nothing by rdma_user_mmap_io (drivers/infiniband/sw, 5.10 to 7.3). */
const NEVER_TRACKED = ['rdma_rxe', 'siw'];

const text = ({ name, driver }: DeviceFacts): string => `${name} (${driver ?? 'driver unknown'})`;

export const devices: Check = {
  name: 'devices',
  looksAt: '/sys/class/infiniband',
  judge({ devices: found }) {
    const all = found.map(text).join(', ');
    if (found.length === 0) {
      return warning('there is no RDMA device', { cost: 'nothing will be seen until one comes', mend: null });
    }
    if (!found.every(({ driver }) => driver !== null && NEVER_TRACKED.includes(driver))) return ok(all);
    return warning(`${all}: software, which never calls rdma_user_mmap_io`, {
      cost: 'every VMA will be driver-managed, so there is nothing to revoke and check can only say vacuous',
      mend: null,
    });
  },
};
