import type { Check, Diagnosis, Trouble } from './check.ts';
import { isTrouble } from './check.ts';
import { CHECKS } from './checks.ts';
import type { Facts } from './facts.ts';

/** What one check said. */
export interface Examined {
  readonly check: Check;
  readonly diagnosis: Diagnosis;
}

/** What every check says, in their order. */
export const examine = (facts: Facts, checks: readonly Check[] = CHECKS): Examined[] =>
  checks.map((check) => ({ check, diagnosis: check.judge(facts) }));

/** Whether `umaptrace trace` can work, run by this user, now. */
export const isAble = (examined: readonly Examined[]): boolean =>
  examined.every(({ diagnosis }) => diagnosis.state !== 'missing');

/** What is wrong, that which prevents tracing first. */
export function troubles(examined: readonly Examined[]): Trouble[] {
  const found = examined.flatMap(({ diagnosis }) => (isTrouble(diagnosis) ? [diagnosis] : []));
  return [
    ...found.filter(({ state }) => state === 'missing'),
    ...found.filter(({ state }) => state === 'warning'),
  ];
}
