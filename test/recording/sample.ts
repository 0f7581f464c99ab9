/** Recordings made by hand, for tests. */
import { encodeEvent } from '../../src/event/codec.ts';
import { type EventHead, Origin } from '../../src/event/event.ts';
import { EVENTS, type UmapEvent } from '../../src/event/events.gen.ts';
import { type HeaderInput, jsonLine } from '../../src/recording/format.ts';

type WithoutHead<Event> = Event extends EventHead ? Omit<Event, keyof EventHead> : never;
/** An event without what every event has. */
export type EventBody = WithoutHead<UmapEvent>;

export interface Process {
  readonly pid: number;
  readonly comm: string;
}

export const ORIGIN = 1_000_000_000_000n;
/** 2025-11-22T12:00:00Z */
export const WALL = 1_763_812_800_000_000_000n;

/** How a function of a kernel without resets was attached. */
const attachment = (name: string) =>
  name === 'rdma_user_mmap_disassociate'
    ? { module: '', kind: '', attached: false, reason: 'this kernel has no such function' }
    : { module: 'ib_uverbs', kind: 'fexit', attached: true };

export const HEADER: HeaderInput = {
  umaptrace: 'recording',
  format: 2,
  version: '0.1.0',
  kernel: '6.12.107+deb13-amd64',
  arch: 'x86_64',
  hostname: 'lab',
  bpftrace: '0.23.2',
  bootId: 'd1f0f1f4-0000-4000-8000-000000000000',
  clock: 'boottime',
  origin: String(ORIGIN),
  anchor: { boot: String(ORIGIN), wall: String(WALL) },
  filters: {},
  buffers: { count: 1, bytes: 64 << 20 },
  probes: EVENTS.map(({ name, functions: [first = ''] }) => ({
    event: name,
    function: first,
    ...attachment(first),
  })),
};

const FLAGS = '140644fb';
export const PAGE = 4096;
const KERNEL = 'ffff8881';

/** A kernel address that is easy to tell. */
export const kernel = (number: number): string => `${KERNEL}${number.toString(16).padStart(8, '0')}`;

/** Builds a recording line by line; every event is on CPU 0. */
export class Sample {
  readonly #origin = new Origin(ORIGIN);
  #lines: string[];
  #events = 0;
  #lost = 0;

  constructor(header: Partial<HeaderInput> = {}) {
    this.#lines = [jsonLine({ ...HEADER, ...header })];
  }

  /** The next event, `us` microseconds after the start. */
  tell(us: number, { pid, comm }: Process, body: EventBody): this {
    this.#events++;
    const head = { n: this.#events, ns: us * 1000, cpu: 0, seq: this.#events, pid, tid: pid, comm };
    this.#lines.push(`${encodeEvent({ ...head, ...body }, this.#origin)}\n`);
    return this;
  }

  /** The next event never arrives. */
  lose(count = 1): this {
    this.#events += count;
    this.#lost += count;
    return this;
  }

  /** The path of a cgroup. */
  cgroup(id: number, path: string): this {
    return this.line(jsonLine({ cgroup: { id, path } }));
  }

  /** Any line, newline included. */
  line(text: string): this {
    this.#lines.push(text);
    return this;
  }

  /** The footer of a complete recording. */
  end(us: number): this {
    const boot = String(ORIGIN + BigInt(us) * 1000n);
    const wall = String(WALL + BigInt(us) * 1000n);
    const events = this.#events - this.#lost;
    this.line(`@n[0]: ${this.#events}\n`);
    return this.line(
      jsonLine({
        end: { complete: true, boot, wall, events, lost: 0, reasons: [], missed: { 'fentry/fexit': 0 } },
      }),
    );
  }

  get text(): string {
    return this.#lines.join('');
  }

  get bytes(): Buffer {
    return Buffer.from(this.text);
  }
}

export const UFILE = kernel(0x1000);
const RDEV = (231 << 20) | 192;

/** A VMA as the probes tell it. */
export interface Mapping {
  readonly vma: string;
  readonly mm: string;
  readonly start: number;
  readonly pages: number;
  readonly umap: string;
}

const place = ({ vma, mm, start, pages }: Mapping) => ({ vma, mm, start, end: start + pages * PAGE });

export const device = (): EventBody => ({ what: 'device', rdev: RDEV, uverbs: 'uverbs0', name: 'rxe0' });
/** The id of a cgroup that is told by `Sample.cgroup`. */
export const CGROUP = 4711;
export const open = (ufile = UFILE): EventBody => ({
  what: 'ufile_open',
  ret: 0,
  ufile,
  rdev: RDEV,
  cgroup: CGROUP,
});
export const close = (): EventBody => ({ what: 'ufile_close', ufile: UFILE });
export const free = (): EventBody => ({ what: 'ufile_free', ufile: UFILE });

export const mmapIo = (mapping: Mapping, pfn: number): EventBody => ({
  what: 'mmap_io',
  owner: 0,
  cgroup: CGROUP,
  ret: 0,
  ufile: UFILE,
  rdev: RDEV,
  ...place(mapping),
  pgoff: 0x100000,
  flags: FLAGS,
  pfn,
  size: mapping.pages * PAGE,
  umap: mapping.umap,
  ucontext: kernel(0x2000),
});

/** A copy of a mapping by fork, split or mremap. */
export const umapOpen = (mapping: Mapping, parent: Mapping): EventBody => ({
  what: 'umap_open',
  ...place(mapping),
  pgoff: 0x100000,
  flags: FLAGS,
  umap: mapping.umap,
  inherited: parent.umap,
  parent: parent.vma,
  pmm: parent.mm,
  pstart: parent.start,
  pend: parent.start + parent.pages * PAGE,
  ufile: UFILE,
});

export const fork = (mm: string, child: number, cgroup = CGROUP): EventBody => ({
  what: 'fork',
  mm,
  child,
  cgroup,
});

export const zap = (mapping: Mapping, duration: number): EventBody => ({
  what: 'zap',
  ...place(mapping),
  address: mapping.start,
  size: mapping.pages * PAGE,
  duration,
  flags: FLAGS,
  umap: mapping.umap,
  ufile: UFILE,
});

export const fault = ({ vma, mm, umap }: Mapping, address: number, write: boolean, ret = '0'): EventBody => ({
  what: 'umap_fault',
  vma,
  mm,
  address,
  flags: write ? '1' : '0',
  ret,
  umap,
  ufile: UFILE,
});

export const umapClose = (mapping: Mapping, users: number): EventBody => ({
  what: 'umap_close',
  ...place(mapping),
  umap: mapping.umap,
  users,
  ufile: UFILE,
});

const IB_DEVICE = kernel(0x3000);
export const removeBegin = (): EventBody => ({ what: 'remove_begin', device: IB_DEVICE, name: 'rxe0' });
export const removeEnd = (): EventBody => ({ what: 'remove_end', device: IB_DEVICE });
export const teardownBegin = (): EventBody => ({ what: 'teardown_begin', ufile: UFILE, reason: 2 });
export const teardownEnd = (): EventBody => ({ what: 'teardown_end', ufile: UFILE });
export const zappingBegin = (): EventBody => ({ what: 'zapping_begin', ufile: UFILE });
export const zappingEnd = (): EventBody => ({ what: 'zapping_end', ufile: UFILE });
export const ucontextEnd = (): EventBody => ({
  what: 'ucontext_end',
  ucontext: kernel(0x2000),
  ufile: UFILE,
});

/** An mmap that the RDMA core does not track, or that failed. */
export const mmap = (mapping: Mapping, ret: number): EventBody => ({
  what: 'mmap',
  owner: 0,
  cgroup: CGROUP,
  ret,
  ufile: UFILE,
  rdev: RDEV,
  ...place(mapping),
  pgoff: 0x200000,
  flags: FLAGS,
  ops: kernel(0x4000),
  private: '0',
  pfn: 0,
});

export const driverOpen = (mapping: Mapping): EventBody => ({
  what: 'driver_open',
  ...place(mapping),
  pgoff: 0x200000,
  flags: FLAGS,
  ufile: UFILE,
});

export const driverClose = (mapping: Mapping, users: number): EventBody => ({
  what: 'driver_close',
  ...place(mapping),
  users,
  ufile: UFILE,
});
