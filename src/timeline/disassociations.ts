import type {
  RemoveBeginEvent,
  RemoveEndEvent,
  ResetBeginEvent,
  ResetEndEvent,
  TeardownBeginEvent,
  TeardownEndEvent,
  UmapEvent,
  ZappingBeginEvent,
  ZappingEndEvent,
} from '../event/events.gen.ts';
import type { Changes } from './changes.ts';
import type { Disassociation, DisassociationKind } from './model.ts';
import type { KnownUfile } from './ufiles.ts';

/** enum rdma_remove_reason: destroy, close, driver removal, ... */
export const DRIVER_REMOVE = 2;

/** A disassociation as the engine keeps it. */
interface Current extends Disassociation {
  readonly ufile: KnownUfile;
}

/** What a thread is in the middle of. All of a removal or a reset runs on one thread. */
interface Run {
  readonly request: RemoveBeginEvent | ResetBeginEvent | null;
  /** The ufile's part of it that is going on. */
  current: Current | null;
}

/**
 * Disassociations: ib_uverbs_remove_one runs uverbs_destroy_ufile_hw for every ufile, which
 * runs uverbs_user_mmap_disassociate; rdma_user_mmap_disassociate runs the latter alone.
 */
export class Disassociations {
  readonly #changes: Changes;
  readonly #runs = new Map<number, Run>();
  readonly #open = new Set<Disassociation>();
  #count = 0;

  constructor(changes: Changes) {
    this.#changes = changes;
  }

  /** Those that have not ended, in order of their ids. */
  open(): Disassociation[] {
    return [...this.#open];
  }

  /** The disassociation that revokes `ufile`'s mappings on thread `tid`; null when there is none. */
  on(tid: number, ufile: KnownUfile): Current | null {
    if (this.#runs.size === 0) return null;
    const current = this.#runs.get(tid)?.current ?? null;
    return current?.ufile === ufile ? current : null;
  }

  /** A removal or a reset begins on this thread. */
  request(event: RemoveBeginEvent | ResetBeginEvent): void {
    this.#runs.set(event.tid, { request: event, current: null });
    const kind = kindOf(event);
    this.#changes.tell({ what: 'disassociation-requested', event, kind, device: event.name || null });
  }

  /** It has returned. */
  returned(event: RemoveEndEvent | ResetEndEvent): void {
    const run = this.#runs.get(event.tid);
    this.#runs.delete(event.tid);
    if (run?.current) this.#end(run.current, event);
    const kind = event.what === 'reset_end' ? 'reset' : 'remove';
    this.#changes.tell({ what: 'disassociation-returned', event, kind, device: run?.request?.name || null });
  }

  /** What thread `tid` was asked for; null when that is nothing, or was not seen. */
  requested(tid: number): RemoveBeginEvent | ResetBeginEvent | null {
    return this.#runs.get(tid)?.request ?? null;
  }

  /** A ufile's hardware is about to be torn down, because its device is removed. */
  teardown(event: TeardownBeginEvent, ufile: KnownUfile): void {
    const disassociation = this.#begin(event, ufile);
    this.#changes.tell({ what: 'disassociation-teardown', event, disassociation });
  }

  /** The teardown is over, and with it a disassociation that had nothing to zap. */
  tornDown(event: TeardownEndEvent, ufile: KnownUfile): void {
    const run = this.#runs.get(event.tid);
    if (run === undefined) return;
    if (run.current?.ufile === ufile) this.#end(run.current, event);
    this.#settle(event.tid, run);
  }

  /** The mappings of a ufile are about to be revoked. */
  zapping(event: ZappingBeginEvent, ufile: KnownUfile): void {
    const current = this.on(event.tid, ufile);
    const disassociation = current !== null && current.zapping === null ? current : this.#begin(event, ufile);
    disassociation.zapping = event;
    this.#changes.tell({ what: 'disassociation-zapping', event, disassociation });
  }

  /** They have been revoked. */
  zapped(event: ZappingEndEvent, ufile: KnownUfile): void {
    const run = this.#runs.get(event.tid);
    if (run?.current?.ufile !== ufile) return;
    this.#end(run.current, event);
    this.#settle(event.tid, run);
  }

  #begin(event: TeardownBeginEvent | ZappingBeginEvent, ufile: KnownUfile): Current {
    let run = this.#runs.get(event.tid);
    if (run === undefined) {
      run = { request: null, current: null };
      this.#runs.set(event.tid, run);
    }
    const { request, current } = run;
    if (current !== null) this.#end(current, event);
    this.#count += 1;
    run.current = {
      id: `D${this.#count}`,
      kind: request === null ? 'remove' : kindOf(request),
      device: request?.name || ufile.device,
      ufile,
      requested: request,
      teardown: event.what === 'teardown_begin' ? event : null,
      zapping: null,
      ended: null,
      zaps: 0,
    };
    this.#open.add(run.current);
    return run.current;
  }

  #end(disassociation: Current, event: UmapEvent): void {
    this.#open.delete(disassociation);
    disassociation.ended = event;
    disassociation.ufile.disassociated = disassociation;
    this.#changes.tell({ what: 'disassociation-ended', event, disassociation });
  }

  /** The ufile's part is over: the thread goes on only within a request. */
  #settle(tid: number, run: Run): void {
    run.current = null;
    if (run.request === null) this.#runs.delete(tid);
  }
}

const kindOf = ({ what }: RemoveBeginEvent | ResetBeginEvent): DisassociationKind =>
  what === 'reset_begin' ? 'reset' : 'remove';
