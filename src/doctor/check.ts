import type { Facts } from './facts.ts';

/** What a check says: nothing is wrong, or it cannot be told, or what is wrong, what that costs and what mends it. */
export type Diagnosis =
  | { readonly state: 'ok' | 'unknown'; readonly found: string }
  | {
      /** `missing`: tracing is not possible. `warning`: it is, at a cost. */
      readonly state: 'warning' | 'missing';
      readonly found: string;
      readonly cost: string;
      /** The command or setting that mends it; null when nothing does. */
      readonly mend: string | null;
    };

/** Something wrong. */
export type Trouble = Extract<Diagnosis, { cost: string }>;

/** One thing to look at: a file of its own, and a line in src/doctor/checks.ts. */
export interface Check {
  readonly name: string;
  /** What is looked at. */
  readonly looksAt: string;
  /** A trace would suffer from what it warns of without showing it: `trace` says it before it begins. */
  readonly warns?: true;
  /** What it warns of may be why a program cannot be attached. */
  readonly hinders?: true;
  judge(facts: Facts): Diagnosis;
}

export const ok = (found: string): Diagnosis => ({ state: 'ok', found });

/** @param found why it cannot be told */
export const unknown = (found: string): Diagnosis => ({ state: 'unknown', found });

export const warning = (found: string, { cost, mend }: { cost: string; mend: string | null }): Diagnosis => ({
  state: 'warning',
  found,
  cost,
  mend,
});

export const missing = (found: string, { cost, mend }: { cost: string; mend: string | null }): Diagnosis => ({
  state: 'missing',
  found,
  cost,
  mend,
});

export const isTrouble = (diagnosis: Diagnosis): diagnosis is Trouble => 'cost' in diagnosis;
