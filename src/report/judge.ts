/** Puts the rules beside a view, which can ask at its end what they say. */
import { Checker } from '../check/checker.ts';
import type { RecordingFacts } from '../check/facts.ts';
import type { Finding, Outcome } from '../check/finding.ts';
import type { UmapEvent } from '../event/events.gen.ts';
import type { Header } from '../recording/format.ts';
import type { Change, Ufile, Vma } from '../timeline/model.ts';
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
    end: header === null || footer === null ? null : Number(footer.boot - header.origin),
    lost: tally.lost,
    late: tally.late,
    unreadable: tally.unreadable,
    missed: footer?.missed ?? {},
    filters: header?.filters ?? {},
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
  /** By name, where only a part is asked for. */
  readonly #vmas = new Map<string, Vma>();
  readonly #ufiles = new Map<string, Ufile>();
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
    if (this.#selection.partial) for (const change of changes) this.#know(change);
    this.#view.event(event, changes);
  }

  trouble(trouble: Trouble): void {
    this.#view.trouble(trouble);
  }

  end(tally: Tally, timeline: Timeline): void {
    this.#outcome = this.#checker.finish(factsOf(tally), timeline);
    this.#view.end(tally, timeline);
  }

  #know(change: Change): void {
    if ('ufile' in change) this.#ufiles.set(change.ufile.id, change.ufile);
    if ('vma' in change && change.vma !== null) this.#vmas.set(change.vma.id, change.vma);
  }

  #judgement(): Judgement {
    if (this.#outcome === null) return NOT_JUDGED;
    const judgement = judgementOf(this.#outcome);
    return { ...judgement, findings: judgement.findings.filter((finding) => this.#isAskedFor(finding)) };
  }

  #isAskedFor({ ufile, vma }: Finding): boolean {
    const ofVma = vma === null ? undefined : this.#vmas.get(vma);
    if (ofVma !== undefined) return this.#selection.wantsVma(ofVma);
    const ofUfile = ufile === null ? undefined : this.#ufiles.get(ufile);
    return ofUfile === undefined || this.#selection.wantsUfile(ofUfile);
  }
}
