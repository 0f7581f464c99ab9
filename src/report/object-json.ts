/** Ufiles, VMAs and disassociations as JSON, as they are now. */
import type { UmapEvent } from '../event/events.gen.ts';
import type { Disassociation, Ufile, Vma } from '../timeline/model.ts';
import { cgroupJson } from './change-json.ts';
import type { Clock } from './clock.ts';
import type { DisassociationJson, HistoryJson, MomentJson, UfileJson, VmaJson, ZapJson } from './schema.ts';
import { hex, pointer } from './values.ts';

const moment = (event: UmapEvent | null, clock: Clock): MomentJson | null =>
  event === null
    ? null
    : { n: event.n, ns: clock.boot(event.ns), pid: event.pid, tid: event.tid, comm: event.comm };

const when = (event: UmapEvent | null, clock: Clock): string | null =>
  event === null ? null : clock.boot(event.ns);

type AuditedJson = Extract<HistoryJson, { what: 'vma-audited' }>;

/** What its page tables mapped, of an entry that tells it. */
export const auditJson = ({ ns, pages, absent, dummy, device, unknown }: AuditedJson): VmaJson['audit'] => ({
  ns,
  pages,
  absent,
  dummy,
  device,
  unknown,
});

/** @param history its entries, in whatever form they are written */
export function vmaJson<History>(
  vma: Vma,
  { history, audit }: { readonly history: History; readonly audit: VmaJson['audit'] },
  clock: Clock,
): Omit<VmaJson, 'history'> & { history: History } {
  const { cause, parent, event } = vma.origin;
  return {
    id: vma.id,
    mm: pointer(vma.mm.pointer),
    pid: vma.mm.pid,
    comm: vma.mm.comm,
    cgroup: cgroupJson(vma.mm.cgroup),
    kind: vma.kind,
    origin: { cause, parent, ns: clock.boot(event.ns) },
    start: hex(vma.start),
    end: hex(vma.end),
    pgoff: vma.pgoff,
    pfn: vma.pfn === null ? null : hex(vma.pfn),
    flags: vma.flags === null ? null : pointer(vma.flags),
    tracked: vma.tracked,
    history,
    audit,
    state: vma.state,
    ended: moment(vma.ended, clock),
  };
}

/** @param vmas its VMAs, in whatever form they are written */
export function ufileJson<Vmas>(
  ufile: Ufile,
  vmas: Vmas,
  clock: Clock,
): Omit<UfileJson, 'vmas'> & { vmas: Vmas } {
  return {
    id: ufile.id,
    device: ufile.device,
    uverbs: ufile.uverbs,
    pointer: pointer(ufile.pointer),
    opened: moment(ufile.opened, clock),
    cgroup: cgroupJson(ufile.cgroup),
    ucontext: { ended: moment(ufile.ucontextEnded, clock) },
    closed: moment(ufile.closed, clock),
    freed: moment(ufile.freed, clock),
    vmas,
  };
}

export function disassociationJson(d: Disassociation, zaps: ZapJson[], clock: Clock): DisassociationJson {
  const first = d.requested ?? d.teardown ?? d.zapping;
  return {
    id: d.id,
    kind: d.kind,
    device: d.device,
    ufile: d.ufile.id,
    pid: first?.pid ?? null,
    comm: first?.comm ?? null,
    phases: {
      requested: when(d.requested, clock),
      teardown: when(d.teardown, clock),
      zapping: when(d.zapping, clock),
      ended: when(d.ended, clock),
    },
    zaps,
  };
}
