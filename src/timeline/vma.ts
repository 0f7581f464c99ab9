import type { UmapEvent } from '../event/events.gen.ts';
import type { Link } from './chain.ts';
import type { Space } from './mms.ts';
import type { Vma, VmaCause, VmaKind, VmaOrigin, VmaState } from './model.ts';
import type { Slot } from './slots.ts';
import type { KnownUfile } from './ufiles.ts';

/** Where a VMA lies. Addresses in bytes, `end` is the first byte after it. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What is known of a VMA at its birth. */
export interface Birth extends Range {
  readonly event: UmapEvent;
  readonly pointer: string;
  readonly ufile: KnownUfile;
  readonly space: Space;
  readonly kind: VmaKind;
  readonly cause: VmaCause;
  readonly parent: LiveVma | null;
  readonly pgoff: number;
  readonly pfn: number | null;
  readonly ram?: boolean | null;
  readonly flags: string | null;
  /** Kernel address of its umap, `0` for none. */
  readonly umap: string;
  readonly state: VmaState;
  /** False when only a part of its range has been seen. */
  readonly exact: boolean;
}

/** Where a live VMA stands: among those of its ufile, of its mm and of all; and by its first byte, if that is known. */
export interface Places {
  readonly ufile: Link<LiveVma>;
  readonly mm: Link<LiveVma>;
  readonly pointer: Slot<LiveVma>;
  start: Slot<LiveVma> | null;
}

/** A VMA's name is made when somebody asks for it: of most VMAs nobody does. */
export const nameOf = (ordinal: number): string => `V${ordinal}`;

class Origin implements VmaOrigin {
  readonly cause: VmaCause;
  readonly event: UmapEvent;
  /** Of the parent; 0: there is none. */
  readonly #parent: number;

  constructor({ cause, event, parent }: Birth) {
    this.cause = cause;
    this.event = event;
    this.#parent = parent?.ordinal ?? 0;
  }

  get parent(): string | null {
    return this.#parent === 0 ? null : nameOf(this.#parent);
  }
}

/** A VMA, with what only the engine needs to know. */
export class LiveVma implements Vma {
  readonly ordinal: number;
  readonly ufile: KnownUfile;
  readonly mm: Space;
  readonly pointer: string;
  readonly kind: VmaKind;
  readonly origin: Origin;
  start: number;
  end: number;
  pgoff: number;
  pfn: number | null;
  ram: boolean | null;
  flags: string | null;
  tracked: boolean;
  state: VmaState;
  zaps = 0;
  zappedBy: string | null;
  ended: UmapEvent | null = null;
  readonly umap: string;
  exact: boolean;
  /** When it, or what it was copied from, was mapped, or first heard of; ns since the origin. */
  readonly mapped: number;
  /** A disassociation has zapped it, or tried to. */
  revoked: boolean;
  /** Null when it is not alive. */
  places: Places | null = null;

  constructor(ordinal: number, birth: Birth) {
    this.ordinal = ordinal;
    this.ufile = birth.ufile;
    this.mm = birth.space;
    this.pointer = birth.pointer;
    this.kind = birth.kind;
    this.origin = new Origin(birth);
    this.start = birth.start;
    this.end = birth.end;
    this.pgoff = birth.pgoff;
    this.pfn = birth.pfn;
    this.ram = birth.ram ?? null;
    this.flags = birth.flags;
    this.umap = birth.umap;
    this.tracked = birth.umap !== '0';
    this.state = birth.state;
    this.zappedBy = birth.state === 'zapped' ? (birth.parent?.zappedBy ?? null) : null;
    this.exact = birth.exact;
    this.mapped = birth.parent?.mapped ?? birth.event.ns;
    this.revoked = birth.parent?.revoked ?? false;
  }

  get id(): string {
    return nameOf(this.ordinal);
  }
}
