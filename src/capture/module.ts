import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const MODULE = '/sys/module/ib_uverbs';
const LOOK_EVERY_MS = 200;

/** Waits for ib_uverbs to be loaded, if it is not. @returns false when `given` ended the wait */
export async function awaitUverbs(given: AbortSignal): Promise<boolean> {
  while (!existsSync(MODULE)) {
    if (given.aborted) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}
