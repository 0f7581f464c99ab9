/** Every rule: one line here, one file for each. */
import { driverManaged } from './driver-managed.ts';
import { escaped } from './escaped.ts';
import { leakedUmap } from './leaked-umap.ts';
import { lockInversion } from './lock-inversion.ts';
import { mapAfterRemove } from './map-after-remove.ts';
import { mapFailed } from './map-failed.ts';
import type { Rule } from './rule.ts';
import { sigbusAfterZap } from './sigbus-after-zap.ts';
import { slowDisassociate } from './slow-disassociate.ts';
import { stuckRemove } from './stuck-remove.ts';
import { teardownOrder } from './teardown-order.ts';
import { touchedAfterZap } from './touched-after-zap.ts';
import { untrackedIo } from './untracked-io.ts';
import { zapMissed } from './zap-missed.ts';
import { zapShort } from './zap-short.ts';

export const RULES: readonly Rule[] = [
  zapMissed,
  zapShort,
  escaped,
  mapAfterRemove,
  leakedUmap,
  teardownOrder,
  lockInversion,
  sigbusAfterZap,
  untrackedIo,
  slowDisassociate,
  stuckRemove,
  touchedAfterZap,
  mapFailed,
  driverManaged,
];
