import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '../exit.ts';
import { UserError } from '../user-error.ts';

const MODULE = '/sys/module/ib_uverbs';
const LOOK_EVERY_MS = 200;

/**
 * Makes sure that ib_uverbs is there to be traced.
 * @param wait rather wait for it than fail; `given` ends the wait
 * @returns false when the wait was ended
 * @throws UserError when it is not loaded and we are not to wait
 */
export async function requireUverbs(wait: boolean, given: AbortSignal): Promise<boolean> {
  while (!existsSync(MODULE)) {
    if (!wait) {
      throw new UserError('ib_uverbs is not loaded, so there is nothing to trace yet', {
        exitCode: EXIT.machine,
        hint: 'modprobe ib_uverbs    (or --wait, to begin when it comes)',
      });
    }
    if (given.aborted) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}
