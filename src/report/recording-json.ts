import type { Header } from '../recording/format.ts';
import { Clock } from './clock.ts';
import type { RecordingJson } from './schema.ts';
import type { Tally } from './tally.ts';

/** 0 when the kernel told that it skipped no run of any program of a probe's kind; else null. */
function noneOf(kind: string, missed: Readonly<Record<string, number>>): 0 | null {
  const [, skipped] = Object.entries(missed).find(([kinds]) => kinds.split('/').includes(kind)) ?? [];
  return skipped === 0 ? 0 : null;
}

/** The recording's own part of the JSON forms: where, when, how, and how whole. */
export function recordingJson(header: Header, tally: Tally): RecordingJson {
  const clock = new Clock(header);
  const { footer } = tally;
  const { missed } = tally;
  const at = (ns: number) => ({ ns: clock.boot(ns), wall: clock.iso(ns) });
  return {
    kernel: header.kernel,
    arch: header.arch,
    hostname: header.hostname,
    bpftrace: header.bpftrace,
    clock: header.clock,
    started: at(0),
    ended: footer === null ? null : at(Number(footer.boot - header.origin)),
    complete: tally.complete,
    reasons: [...(footer?.reasons ?? [])],
    events: tally.events,
    notApplied: { ...tally.unapplied },
    lost: tally.lost,
    late: tally.late,
    unreadable: {
      count: tally.unreadable,
      lines: tally.unreadableLines.map(({ line, reason }) => ({ line, reason })),
    },
    missed,
    notes: [...tally.notes],
    filters: header.filters,
    buffers: header.buffers ?? null,
    probes: header.probes.map(({ event, function: name, module, kind, attached, reason = null }) => {
      const known = attached ? (missed[name] ?? missed[event] ?? noneOf(kind, missed)) : null;
      return { event, function: name, module, kind, attached, reason, missed: known };
    }),
  };
}
