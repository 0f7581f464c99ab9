/** The stretch of time that is worth looking at: a trace may wait for hours before anything happens. */
import type { Ufile, Vma } from '../../timeline/model.ts';
import type { Tally } from '../tally.ts';
import type { DisassociationData, GapData } from './data.ts';

interface Shown {
  readonly vmas: readonly Vma[];
  readonly ufiles: readonly Ufile[];
  readonly disassociations: readonly DisassociationData[];
  readonly gaps: readonly GapData[];
}

function* moments({ vmas, ufiles, disassociations, gaps }: Shown, last: number): Generator<number | null> {
  for (const { origin, ended } of vmas) {
    yield origin.event.ns;
    yield ended?.ns ?? last;
  }
  for (const { opened, closed, freed } of ufiles) {
    for (const event of [opened, closed, freed]) yield event?.ns ?? null;
  }
  for (const { requested, teardown, zapping, ended } of disassociations) {
    yield* [requested, teardown, zapping, ended];
  }
  for (const { from, to } of gaps) yield* [from, to];
}

/** From the first to the last moment of what is shown; at least a microsecond. */
export function extent(shown: Shown, tally: Tally): { readonly from: number; readonly to: number } {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const moment of moments(shown, tally.end ?? 0)) {
    if (moment === null) continue;
    from = Math.min(from, moment);
    to = Math.max(to, moment);
  }
  if (from > to) [from, to] = [tally.first ?? 0, tally.end ?? 0];
  return { from, to: Math.max(to, from + 1000) };
}
