/** Puts the rules beside a view, which can ask at its end what they say. */
import { Checker } from '../check/checker.ts';
import type { RecordingFacts } from '../check/facts.ts';
import type { Finding, Outcome } from '../check/finding.ts';
import type { UmapEvent } from '../event/events.gen.ts';
import type { Header } from '../recording/format.ts';
import type { Change } from '../timeline/model.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { type Judgement, NOT_JUDGED } from './collect.ts';
import { Selection } from './select.ts';
import type { Tally } from './tally.ts';
import type { Trouble, View } from './view.ts';

/** What a recording says of itself, for the rules. */
function factsOf(tally: Tally): RecordingFacts {
  const { header, footer } = tally;
  return {
    probes: (header?.probes ?? []).map(({ event, function: name, module, attached, reason = '' }) => ({
      event,
      function: name,
      attached,
      absent: !attached && module === '',
      reason,
    })),
    ended: footer?.complete === true,
    reasons: footer?.reasons ?? [],
    end: tally.end,
    lost: tally.lost,
    unkept: tally.unkept,
    tail: tally.tail,
    late: tally.late,
    absent: tally.absent,
    unreadable: tally.unreadable,
    missed: footer?.missed ?? {},
    uncounted: header?.uncounted === true,
  };
}

/** The outcome as it is given out, each thing a copy. */
export const judgementOf = ({ verdict, findings, missing }: Outcome): Judgement => ({
  verdict,
  findings: findings.map((finding) => ({ ...finding, evidence: [...finding.evidence] })),
  missing: missing.map((each) => ({ ...each, evidence: [...each.evidence] })),
});

export class JudgedView implements View {
  readonly #checker = new Checker();
  readonly #view: View;
  readonly #selection: Selection;
  /** Where only a part is asked for: names of what belongs to it, each told at its end. */
  readonly #asked = new Set<string>();
  #outcome: Outcome | null = null;

  /**
   * @param make the view, given what tells what the rules say once all has been seen
   * @param selection findings about others are left out; the verdict is that of the whole
   */
  constructor(make: (judge: () => Judgement) => View, selection = new Selection()) {
    this.#selection = selection;
    this.#view = make(() => this.#judgement());
  }

  /** What the rules say; null before the end. */
  get outcome(): Outcome | null {
    return this.#outcome;
  }

  begin(header: Header): void {
    this.#view.begin(header);
  }

  event(event: UmapEvent | null, changes: readonly Change[]): void {
    this.#checker.see(event, changes);
    this.#view.event(event, changes);
    if (this.#selection.partial) for (const change of changes) this.#ended(change);
  }

  trouble(trouble: Trouble): void {
    this.#view.trouble(trouble);
  }

  end(tally: Tally, timeline: Timeline): void {
    this.#outcome = this.#checker.finish(factsOf(tally), timeline);
    for (const vma of timeline.live()) if (this.#selection.wantsVma(vma)) this.#asked.add(vma.id);
    for (const ufile of timeline.ufiles) if (this.#selection.wantsUfile(ufile)) this.#asked.add(ufile.id);
    this.#view.end(tally, timeline);
  }

  /** What has ended is asked for, or never will be: the view has shown the selection all of it. */
  #ended(change: Change): void {
    if (change.what === 'vma-ended' || change.what === 'vma-stillborn') {
      if (this.#selection.wantsVma(change.vma)) this.#asked.add(change.vma.id);
    } else if (change.what === 'ufile-freed' && this.#selection.byThing) {
      if (this.#selection.wantsUfile(change.ufile)) this.#asked.add(change.ufile.id);
    }
  }

  #judgement(): Judgement {
    if (this.#outcome === null) return NOT_JUDGED;
    const judgement = judgementOf(this.#outcome);
    return { ...judgement, findings: judgement.findings.filter((finding) => this.#isAskedFor(finding)) };
  }

  #isAskedFor({ ufile, vma }: Finding): boolean {
    const { partial, byThing } = this.#selection;
    if (vma !== null) return !partial || this.#asked.has(vma);
    return ufile === null || !byThing || this.#asked.has(ufile);
  }
}
