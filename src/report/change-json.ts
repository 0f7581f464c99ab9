/** Changes and events as JSON. */

import type { FieldType } from '../event/declaration.ts';
import { EVENTS, type UmapEvent } from '../event/events.gen.ts';
import type { Cgroup, Change, Vma } from '../timeline/model.ts';
import type { CgroupJson, ChangeJson, GapJson } from './change-schema.ts';
import type { Clock } from './clock.ts';
import { deviceNumber, errnoName, hex, pointer } from './values.ts';

type Of<What extends Change['what']> = Extract<Change, { what: What }>;

const ofVma = (vma: Vma) => ({
  ufile: vma.ufile.id,
  vma: vma.id,
  start: hex(vma.start),
  end: hex(vma.end),
});

/** A cgroup as JSON. */
export const cgroupJson = (cgroup: Cgroup | null): CgroupJson =>
  cgroup === null ? null : { id: cgroup.id, path: cgroup.path };

const bornJson = ({ vma, parent }: Of<'vma-born'>): ChangeJson => ({
  what: 'vma-born',
  ...ofVma(vma),
  mm: pointer(vma.mm.pointer),
  owner: vma.mm.pid,
  cgroup: cgroupJson(vma.mm.cgroup),
  kind: vma.kind,
  cause: vma.origin.cause,
  parent: parent?.id ?? vma.origin.parent,
  pgoff: vma.pgoff,
  pfn: vma.pfn === null ? null : hex(vma.pfn),
  flags: vma.flags === null ? null : pointer(vma.flags),
  tracked: vma.tracked,
});

/** A gap as JSON. */
export function gapJson({ gap }: Of<'gap'>, clock: Clock): GapJson {
  return {
    from: gap.from === null ? null : clock.boot(gap.from),
    to: gap.to === null ? null : clock.boot(gap.to),
    cpu: gap.cpu,
    lost: gap.lost,
  };
}

type VmaChange = Of<
  'vma-stillborn' | 'vma-shrunk' | 'vma-zapped' | 'vma-touched' | 'vma-ended' | 'vma-audited'
>;

function vmaChangeJson(change: VmaChange): ChangeJson {
  const vma = ofVma(change.vma);
  switch (change.what) {
    case 'vma-stillborn':
      return { what: change.what, ...vma, errno: errnoName(change.errno) };
    case 'vma-shrunk':
      return {
        what: change.what,
        ...vma,
        from: { start: hex(change.from.start), end: hex(change.from.end) },
      };
    case 'vma-zapped': {
      const { address, size, duration, disassociation } = change;
      const zap = { address: hex(address), size, duration, disassociation: disassociation?.id ?? null };
      return { what: change.what, ...vma, ...zap };
    }
    case 'vma-touched': {
      const { address, write, outcome } = change;
      return { what: change.what, ...vma, address: hex(address), write, outcome };
    }
    case 'vma-ended':
      return { what: change.what, ...vma };
    case 'vma-audited': {
      const { pages, absent, dummy, device, unknown, delay } = change;
      const entry = change.entry === '0' ? null : pointer(change.entry);
      return { what: change.what, ...vma, pages, absent, dummy, device, unknown, entry, delay };
    }
  }
}

type OtherChange = Exclude<Change, VmaChange | Of<'vma-born' | 'gap'>>;

function otherJson(change: OtherChange): ChangeJson {
  switch (change.what) {
    case 'ufile-open-failed':
      return { what: change.what, errno: errnoName(change.errno), rdev: deviceNumber(change.rdev) };
    case 'mmap-failed': {
      const range = { start: hex(change.start), end: hex(change.end) };
      return { what: change.what, ufile: change.ufile.id, errno: errnoName(change.errno), ...range };
    }
    case 'forked': {
      const vmas = [...change.mm.vmas].map(({ id }) => id);
      const cgroup = cgroupJson(change.mm.cgroup);
      return { what: change.what, mm: pointer(change.mm.pointer), child: change.mm.pid, cgroup, vmas };
    }
    case 'disassociation-requested':
    case 'disassociation-returned':
      return { what: change.what, kind: change.kind, device: change.device };
    case 'disassociation-teardown':
    case 'disassociation-zapping':
    case 'disassociation-ended': {
      const { id, kind, ufile } = change.disassociation;
      return { what: change.what, ufile: ufile.id, disassociation: id, kind };
    }
    case 'audit-failed': {
      const waited = change.known ? { pid: change.event.pid, comm: change.event.comm } : null;
      return { what: change.what, took: change.took, waited };
    }
    case 'umap-kept':
      return { what: change.what, ...ofVma(change.vma) };
    case 'mismatch':
      return { what: change.what, vma: change.vma?.id ?? null, message: change.message };
    case 'stack-seen':
      return { what: change.what, frames: [...change.frames] };
    case 'ufile-held':
      return { what: change.what, ufile: change.ufile.id, fd: change.fd };
    case 'ufile-opened':
    case 'ufile-found':
    case 'ucontext-ended':
    case 'ufile-closed':
    case 'ufile-freed': {
      const { id, device, uverbs } = change.ufile;
      return { what: change.what, ufile: id, device, uverbs };
    }
  }
}

/** A change as JSON, with its objects as they are now. */
export function changeJson(change: Change, clock: Clock): ChangeJson {
  switch (change.what) {
    case 'vma-born':
      return bornJson(change);
    case 'gap':
      return { what: 'gap', ...gapJson(change, clock) };
    case 'vma-stillborn':
    case 'vma-shrunk':
    case 'vma-zapped':
    case 'vma-touched':
    case 'vma-ended':
    case 'vma-audited':
      return vmaChangeJson(change);
    default:
      return otherJson(change);
  }
}

const FIELDS = new Map(EVENTS.map(({ name, fields }) => [name, fields]));

const asJson: Record<FieldType, (value: string | number) => string | number | null> = {
  ptr: (value) => pointer(String(value)),
  hex: (value) => pointer(String(value)),
  pte: (value) => pointer(String(value)),
  addr: (value) => hex(Number(value)),
  u64: (value) => value,
  u32: (value) => value,
  str32: (value) => value,
  dev: (value) => deviceNumber(Number(value)),
  errno: (value) => (value === 0 ? null : errnoName(Number(value))),
};

/** What every event and history entry begins with. */
export const headJson = (event: UmapEvent, clock: Clock) => ({
  n: event.n,
  ns: clock.boot(event.ns),
  cpu: event.cpu,
  pid: event.pid,
  tid: event.tid,
  comm: event.comm,
});

function fieldOf(event: UmapEvent, field: string): string | number {
  const value: unknown = Reflect.get(event, field);
  return typeof value === 'string' || typeof value === 'number' ? value : 0;
}

/** An event's own fields, by the types that its probe declares; a returned errno is its name, null for success. */
export function fieldsJson(event: UmapEvent): Record<string, string | number | null> {
  const json: Record<string, string | number | null> = {};
  for (const { name, type } of FIELDS.get(event.what) ?? []) json[name] = asJson[type](fieldOf(event, name));
  return json;
}
