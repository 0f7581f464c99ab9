import type { UmapEvent } from '../event/events.gen.ts';
import type { Change, ChangeKind, ChangeOf } from '../timeline/model.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { lackingAtAll, lackingProbes, type RecordingFacts } from './facts.ts';
import type { Claim, Finding, Missing, Outcome, Severity, Verdict } from './finding.ts';
import { Ledger } from './ledger.ts';
import type { Handlers, Rule, RuleRun, Say } from './rule.ts';
import { RULES } from './rules.ts';
import { counted } from './words.ts';

/** Findings, and missing evidence, of one rule that are told one by one; the others are counted. */
const MOST = 200;

/** What one rule has said. */
class Docket implements Say {
  readonly rule: Rule;
  readonly run: RuleRun;
  readonly claims: Claim[] = [];
  readonly missing: Missing[] = [];
  readonly #more: Record<Severity, number> = { violation: 0, warning: 0, info: 0 };
  #moreMissing = 0;
  #moreDecides = false;

  constructor(rule: Rule) {
    this.rule = rule;
    this.run = rule.start(this);
  }

  found(claim: Parameters<Say['found']>[0]): void {
    const { name, severity } = this.rule;
    if (typeof claim === 'function' && severity !== 'violation' && this.claims.length >= MOST) {
      this.#more[severity] += 1;
      return;
    }
    const whole = { rule: name, severity, ...(typeof claim === 'function' ? claim() : claim) };
    if (whole.severity === 'violation' || this.claims.length < MOST) this.claims.push(whole);
    else this.#more[whole.severity] += 1;
  }

  lacked(missing: Parameters<Say['lacked']>[0]): void {
    const whole = { rule: this.rule.name, decides: true, ...missing };
    if (this.missing.length < MOST) this.missing.push(whole);
    else {
      this.#moreMissing += 1;
      this.#moreDecides ||= whole.decides;
    }
  }

  /** A line for what was left out, of each severity. */
  rest(): Finding[] {
    return (['warning', 'info'] as const)
      .filter((severity) => this.#more[severity] > 0)
      .map((severity) => ({
        rule: this.rule.name,
        severity,
        message: `${counted(this.#more[severity], 'more finding')} of this rule, not shown`,
        ufile: null,
        vma: null,
        evidence: [],
      }));
  }

  restMissing(): Missing[] {
    if (this.#moreMissing === 0) return [];
    const what = `${this.#moreMissing} more of the same kind, not shown`;
    const how = this.missing.at(-1)?.how ?? '';
    return [{ rule: this.rule.name, what, how, evidence: [], decides: this.#moreDecides }];
  }
}

const RANK: Record<Severity, number> = { violation: 0, warning: 1, info: 2 };

const finding = ({ rule, severity, message, ufile, vma, evidence }: Finding): Finding => ({
  rule,
  severity,
  message,
  ufile,
  vma,
  evidence: [...new Set(evidence)].sort((a, b) => a - b),
});

type Handler<What extends ChangeKind> = NonNullable<Handlers[What]>;

/** Who takes each kind of change. */
class Watchers {
  readonly #all: readonly Handlers[];
  readonly #of: { [What in ChangeKind]?: readonly Handler<What>[] } = {};

  constructor(all: readonly Handlers[]) {
    this.#all = all;
  }

  /** Gives a change to all who take its kind. */
  tell<What extends ChangeKind>(what: What, change: ChangeOf<What>): void {
    for (const handle of this.#of[what] ?? this.#find(what)) handle(change);
  }

  #find<What extends ChangeKind>(what: What): readonly Handler<What>[] {
    const handlers = this.#all.flatMap((on) => on[what] ?? []);
    Object.assign(this.#of, { [what]: handlers });
    return handlers;
  }
}

/** Holds a timeline against the rules, as it grows. */
export class Checker {
  readonly #dockets: readonly Docket[];
  readonly #watchers: Watchers;
  /** Those that want events. */
  readonly #wanting: readonly RuleRun[];
  readonly #ledger = new Ledger();

  constructor(rules: readonly Rule[] = RULES) {
    this.#dockets = rules.map((rule) => new Docket(rule));
    const runs = this.#dockets.map(({ run }) => run);
    this.#watchers = new Watchers([this.#ledger.on, ...runs.map(({ on }) => on)]);
    this.#wanting = runs.filter((run) => run.event !== undefined);
  }

  /** Takes the next event with all that it did; null: changes that the end brought. */
  see(event: UmapEvent | null, changes: readonly Change[]): void {
    if (event !== null) this.#event(event, changes);
    for (const change of changes) this.#watchers.tell(change.what, change);
  }

  #event(event: UmapEvent, changes: readonly Change[]): void {
    this.#ledger.event(event, changes);
    for (const run of this.#wanting) run.event?.(event);
  }

  /** What the rules say of all that was seen. Nothing may follow. */
  finish(facts: RecordingFacts, timeline: Timeline): Outcome {
    const end = Math.max(0, facts.end ?? this.#ledger.latest);
    for (const { run } of this.#dockets) run.finish?.(timeline, end);
    const judged = this.#dockets.map((docket) => this.#judge(docket, facts));
    const findings = judged.flatMap((each) => each.findings);
    const missing = [
      ...lackingAtAll(facts),
      ...this.#ledger.missing(facts),
      ...judged.flatMap((each) => each.missing),
    ];
    const { tracked, disassociations } = this.#ledger;
    findings.sort((a, b) => RANK[a.severity] - RANK[b.severity]);
    return { verdict: this.#verdict(findings, missing), findings, missing, tracked, disassociations };
  }

  /** A violation that something missed could explain is none: it is missing evidence. So is one of a rule that a probe was missing for. */
  #judge(docket: Docket, facts: RecordingFacts): { findings: Finding[]; missing: Missing[] } {
    const lacking = lackingProbes(docket.rule, facts);
    const missing = [...lacking, ...docket.missing, ...docket.restMissing()];
    const findings: Finding[] = [];
    for (const claim of docket.claims) {
      const isViolation = claim.severity === 'violation';
      const doubt = isViolation ? (lacking[0]?.what ?? this.#ledger.doubt(claim, facts)) : null;
      if (doubt === null) findings.push(finding(claim));
      else missing.push(doubtful(claim, doubt));
    }
    return { findings: [...findings, ...docket.rest()], missing };
  }

  #verdict(findings: readonly Finding[], missing: readonly Missing[]): Verdict {
    if (findings.some(({ severity }) => severity === 'violation')) return 'violation';
    if (missing.some(({ decides }) => decides)) return 'inconclusive';
    return this.#ledger.revocable === 0 ? 'vacuous' : 'pass';
  }
}

const doubtful = ({ rule, message, evidence }: Claim, doubt: string): Missing => ({
  rule,
  what: `it would be a violation, but what was missed can explain it (${doubt}): ${message}`,
  how: 'record again without losing events',
  evidence,
  decides: true,
});
