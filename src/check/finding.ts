/** What the rules say of a timeline. */

/** Only violations make a verdict: a kernel promise was broken. */
export type Severity = 'violation' | 'warning' | 'info';

export interface Finding {
  /** Name of the rule. */
  readonly rule: string;
  readonly severity: Severity;
  /** What happened, to whom, when, and what it means. May hold text that a program chose: escape it. */
  readonly message: string;
  /** Names, U1 and V7; null when it is about none. */
  readonly ufile: string | null;
  readonly vma: string | null;
  /** Ordinals of the events that show it. */
  readonly evidence: readonly number[];
}

/** A finding with the stretch of time in which a lost event could explain it away. */
export interface Claim extends Finding {
  /** ns since the recording's origin. */
  readonly since: number;
  readonly until: number;
  /** The rule's own evidence is that an event does not fit: such a mismatch is no doubt. */
  readonly fromMismatch?: true;
  /** Something stands still, for longer than what a recording without an end can lack. */
  readonly standing?: true;
}

/** Something that a verdict would have needed. */
export interface Missing {
  /** Name of the rule that lacked it; null: every rule. */
  readonly rule: string | null;
  readonly what: string;
  /** How to have it next time. */
  readonly how: string;
  readonly evidence: readonly number[];
  /** Whether a rule of severity violation hangs on it, and so the verdict. */
  readonly decides: boolean;
}

/**
 * pass: every promise held, and there was something to hold. vacuous: nothing was seen that a
 * promise is about. inconclusive: evidence was missing.
 */
export type Verdict = 'pass' | 'violation' | 'inconclusive' | 'vacuous';

export interface Outcome {
  readonly verdict: Verdict;
  /** In order of severity, then of rule, then of time. */
  readonly findings: readonly Finding[];
  readonly missing: readonly Missing[];
  /** What there was to hold: tracked VMAs, and disassociations. */
  readonly tracked: number;
  readonly disassociations: number;
}
