/** How findings speak of things. */
import type { UmapEvent } from '../event/events.gen.ts';
import { PAGE } from '../page.ts';
import { duration, relativeTime } from '../time-text.ts';
import type { Change, Disassociation, Mm, Ufile, Vma } from '../timeline/model.ts';

/** `pid 259 (race-fork)` */
export const who = ({ pid, comm }: Pick<Mm, 'pid' | 'comm'>): string =>
  pid === null ? 'a process whose pid is not known' : `pid ${pid} (${comm})`;

/** `+1.254720 s`, from the recording's start. */
export const at = (ns: number): string => `${relativeTime(ns)} s`;

export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** What {@link place} tells of a VMA. */
type Placed = Pick<Vma, 'id' | 'start' | 'end'> & { readonly mm: Pick<Mm, 'pid' | 'comm'> };

/** `V3 (4 pages at 0x7f31c5a00000 of pid 259 (race-fork))` */
export function place(vma: Placed): string {
  const pages = counted(Math.ceil((vma.end - vma.start) / PAGE), 'page');
  return `${vma.id} (${pages} at 0x${vma.start.toString(16)} of ${who(vma.mm)})`;
}

/** `D1, the removal of rxe0` */
export function run({ id, kind, device, ufile }: Disassociation): string {
  const what = kind === 'reset' ? 'reset' : 'removal';
  return `${id}, the ${what} of ${device ?? ufile.device ?? 'a device without a name'}`;
}

/** `U1 (rxe0)` */
export const file = ({ id, device }: Pick<Ufile, 'id' | 'device'>): string =>
  device === null ? id : `${id} (${device})`;

/** The first event known of a disassociation. */
export const beginning = (d: Disassociation): UmapEvent | null => d.requested ?? d.teardown ?? d.zapping;

/** Why an audit that failed shows nothing. */
export const auditFailure = ({ event, took, known }: Extract<Change, { what: 'audit-failed' }>): string =>
  known
    ? `the audit waited ${duration(took)} for the mmap_lock of ${who(event)}`
    : 'the audit did not come to an end';

/** Ordinals of events that are there, without repeats. */
export const ordinals = (...events: readonly (UmapEvent | null | undefined)[]): number[] => [
  ...new Set(events.flatMap((event) => (event ? [event.n] : []))),
];
