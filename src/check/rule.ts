import type { UmapEvent } from '../event/events.gen.ts';
import type { ChangeKind, ChangeOf } from '../timeline/model.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { Claim, Missing, Severity } from './finding.ts';

/** What a rule found; its severity is the rule's unless said otherwise. */
type Said = Omit<Claim, 'rule' | 'severity'> & { readonly severity?: Severity };

/** Where a rule says what it found. */
export interface Say {
  /** @param claim a function where there may be many: it is only called for those that will be shown */
  found(claim: Said | (() => Said)): void;
  /** @param missing `decides` is true unless said otherwise */
  lacked(missing: Omit<Missing, 'rule' | 'decides'> & { readonly decides?: boolean }): void;
}

/** What is done with each kind of change, in order. The change's objects are live. */
export type Handlers = { readonly [What in ChangeKind]?: (change: ChangeOf<What>) => void };

/** One application of a rule. What it keeps follows what is alive. */
export interface RuleRun {
  /** The changes that it takes; all others are kept from it. */
  readonly on: Handlers;
  /** Takes the next event, before what it changed. */
  event?(event: UmapEvent): void;
  /** @param end ns since the origin: when the recording ended */
  finish?(timeline: Timeline, end: number): void;
}

export interface Rule {
  readonly name: string;
  readonly severity: Severity;
  /** What holds, in one sentence. */
  readonly promise: string;
  /** Why it must hold: kernel functions, and the versions that they were read or seen in. */
  readonly rationale: string;
  /** Where the rule says less than one might expect, and why; null: it does not. */
  readonly reserve: string | null;
  /** Events that it cannot do without. */
  readonly needs: readonly UmapEvent['what'][];
  /** A finding, as it reads. */
  readonly example: string;
  readonly start: (say: Say) => RuleRun;
}
