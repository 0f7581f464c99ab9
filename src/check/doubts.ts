import type { Claim } from './finding.ts';

/** A stretch of time in which something was missed, ns since the origin. */
export interface Doubt {
  readonly from: number;
  readonly to: number;
  /** The ufile that it is about; null: any. */
  readonly ufile: string | null;
  readonly why: string;
  /** Ordinal of the event that shows it; null for none. */
  readonly n: number | null;
  /** What the kernel told did not fit: a bug of the kernel can look like that, too. */
  readonly mismatch?: true;
}

/** Stretches kept one by one; more are one long one. */
const MOST = 5_000;

/** What could explain a finding away. */
export class Doubts {
  #list: Doubt[] = [];

  add(doubt: Doubt): void {
    if (this.#list.length >= MOST) this.#list = [hull(this.#list)];
    this.#list.push(doubt);
  }

  /** A doubt within which an event that was missed could explain a claim; null when there is none. */
  explaining(claim: Claim): Doubt | null {
    return this.#list.find((doubt) => explains(doubt, claim)) ?? null;
  }
}

function explains({ from, to, ufile, n, mismatch }: Doubt, claim: Claim): boolean {
  if (to < claim.since || from > claim.until) return false;
  if (ufile !== null && ufile !== claim.ufile) return false;
  const own = mismatch === true && claim.fromMismatch === true && n !== null && claim.evidence.includes(n);
  return !own;
}

function hull(doubts: readonly Doubt[]): Doubt {
  const from = doubts.reduce((least, doubt) => Math.min(least, doubt.from), Number.POSITIVE_INFINITY);
  const to = doubts.reduce((most, doubt) => Math.max(most, doubt.to), Number.NEGATIVE_INFINITY);
  return { from, to, ufile: null, why: 'very many events were lost', n: null };
}
