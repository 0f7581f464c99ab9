import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Its class of devices, which it has also where it is built into the kernel (ib_uverbs_init, 5.10 to 7.3). */
const CLASS = '/sys/class/infiniband_verbs';
const LOOK_EVERY_MS = 200;

/** Whether this kernel has ib_uverbs: loaded, or built in. */
export const hasUverbs = (): boolean => existsSync(CLASS);

/** Waits for ib_uverbs to be loaded, if it is not. @returns false when `given` ended the wait */
export async function awaitUverbs(given: AbortSignal): Promise<boolean> {
  while (!hasUverbs()) {
    if (given.aborted) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}
