import type { UmapEvent } from '../event/events.gen.ts';
import type { VmaKind, VmaState } from './model.ts';
import { Timeline } from './timeline.ts';

/** A VMA that is mapped at a moment; ids as in the timeline, addresses in bytes. */
export interface MappedVma {
  readonly ufile: string;
  readonly vma: string;
  /** Null in the middle of a fork, and while nobody has been seen using the address space. */
  readonly pid: number | null;
  readonly start: number;
  /** First byte after it. */
  readonly end: number;
  readonly kind: VmaKind;
  readonly state: VmaState;
}

/** What is mapped now, in order of the VMAs' ids. */
export function mapped(timeline: Timeline): MappedVma[] {
  return timeline.live().map(({ id, ufile, mm, start, end, kind, state }) => ({
    ufile: ufile.id,
    vma: id,
    pid: mm.pid,
    start,
    end,
    kind,
    state,
  }));
}

/**
 * What was mapped at a moment, in order of the VMAs' ids.
 * @param events in order of (ns, cpu, n), from the start of the recording
 * @param ns the moment, counted from the recording's origin; events of that very moment have happened
 */
export async function mappedAt(
  events: Iterable<UmapEvent> | AsyncIterable<UmapEvent>,
  ns: number,
  timeline = new Timeline(),
): Promise<MappedVma[]> {
  for await (const event of events) {
    if (event.ns > ns) break;
    timeline.apply(event);
  }
  timeline.finish();
  return mapped(timeline);
}
