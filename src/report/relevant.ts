/** The part of a timeline that a bug report needs: chosen once the findings are known. */
import type { Change } from '../timeline/model.ts';
import type { Line } from './line.ts';
import type { FindingJson } from './schema.ts';

/** A line, with what it is about. */
export interface TaggedLine extends Line {
  /** Ordinal of its event; null when none told it. */
  readonly n: number | null;
  readonly ufile: string | null;
  readonly vma: string | null;
  /** It belongs to a disassociation, or tells of missing events. */
  readonly frame: boolean;
}

/** Names what the lines of a change are about. */
export function tag(change: Change, line: Line): TaggedLine {
  const vma = 'vma' in change ? change.vma : null;
  const disassociation = 'disassociation' in change ? change.disassociation : null;
  const ufile = 'ufile' in change ? change.ufile : (vma?.ufile ?? disassociation?.ufile ?? null);
  const frame = change.what === 'gap' || (change.what.startsWith('disassociation-') && vma === null);
  return { ...line, n: change.event?.n ?? null, ufile: ufile?.id ?? null, vma: vma?.id ?? null, frame };
}

/** 0: evidence of a finding. 1: what frames it. 2, 3: its VMA, its ufile. 4: the rest. */
function rankOf(findings: readonly FindingJson[]): (line: TaggedLine) => number {
  const told = findings.filter(({ severity }) => severity !== 'info');
  const evidence = new Set(told.flatMap((finding) => finding.evidence));
  const vmas = new Set(told.map(({ vma }) => vma));
  const ufiles = new Set(told.map(({ ufile }) => ufile));
  return ({ n, vma, ufile, frame }) => {
    if (n !== null && evidence.has(n)) return 0;
    if (frame) return 1;
    if (vma !== null && vmas.has(vma)) return 2;
    return ufile !== null && ufiles.has(ufile) ? 3 : 4;
  };
}

/** At most `most` lines, the most telling ones, in their order; a number stands for so many left out. */
export function relevant(
  lines: readonly TaggedLine[],
  findings: readonly FindingJson[],
  most: number,
): (TaggedLine | number)[] {
  const rank = rankOf(findings);
  const ranked = lines.map((line, i) => ({ i, rank: rank(line) }));
  ranked.sort((a, b) => a.rank - b.rank || a.i - b.i);
  const chosen = new Set(ranked.slice(0, most).map(({ i }) => i));
  const out: (TaggedLine | number)[] = [];
  let hidden = 0;
  lines.forEach((line, i) => {
    if (!chosen.has(i)) {
      hidden++;
      return;
    }
    if (hidden > 0) out.push(hidden);
    hidden = 0;
    out.push(line);
  });
  return hidden > 0 ? [...out, hidden] : out;
}
