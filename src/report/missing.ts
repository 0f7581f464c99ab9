import type { MissingJson } from './schema.ts';

/** One thing that is missing, with the rules that could not decide without it; none: all. */
export interface MissingEvidence {
  readonly what: string;
  /** How to have it next time. */
  readonly how: string;
  readonly rules: readonly string[];
}

/** `what (rule, rule)` */
export const missingText = ({ what, rules }: MissingEvidence): string =>
  rules.length === 0 ? what : `${what} (${rules.join(', ')})`;

/** What the verdict lacked, each thing once. */
export function missingEvidence(missing: readonly MissingJson[]): MissingEvidence[] {
  const found = new Map<string, { what: string; how: string; rules: string[] }>();
  for (const { what, how, rule, decides } of missing) {
    if (!decides) continue;
    const known = found.get(what);
    const rules = known?.rules ?? [];
    if (known === undefined) found.set(what, { what, how, rules });
    if (rule !== null && !rules.includes(rule)) rules.push(rule);
  }
  return [...found.values()];
}
