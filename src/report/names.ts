/** Processes and devices as text, escaped. */
import type { UmapEvent } from '../event/events.gen.ts';
import type { Cgroup, Mm, Ufile, Vma } from '../timeline/model.ts';
import { escapeText } from './escape.ts';
import { deviceNumber } from './values.ts';

/** `unplug[312]` */
export const process = (comm: string, pid: number | null): string =>
  `${escapeText(comm)}[${pid === null ? '?' : pid}]`;

/** The process that an event ran in. */
export const actor = (event: UmapEvent): string => process(event.comm, event.pid);

/** The process that an address space belongs to. */
export const owner = (mm: Mm): string => process(mm.comm, mm.pid);

/** A cgroup by its path, or by its number. */
export function cgroupName(cgroup: Cgroup | null): string {
  if (cgroup === null) return 'not known';
  return cgroup.path === null ? `${cgroup.id}, path not known` : escapeText(cgroup.path);
}

/** A device by the best of its names: `rxe0 (uverbs0)`. */
export function device(ufile: Pick<Ufile, 'device' | 'uverbs' | 'rdev'>): string {
  const uverbs = ufile.uverbs === null ? null : escapeText(ufile.uverbs);
  if (ufile.device !== null) return escapeText(ufile.device) + (uverbs === null ? '' : ` (${uverbs})`);
  if (uverbs !== null) return uverbs;
  return ufile.rdev === null ? 'a device without a name' : `device ${deviceNumber(ufile.rdev)}`;
}

/** Whether an event ran in another process than the one whose VMA it is about. */
export const foreign = (event: UmapEvent, vma: Vma): boolean =>
  vma.mm.pid !== null && vma.mm.pid !== event.pid;
