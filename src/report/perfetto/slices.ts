/** What happens to a VMA as slices and instants on its track. */

import { duration } from '../../time-text.ts';
import type { Change, Vma } from '../../timeline/model.ts';
import { actor } from '../names.ts';
import { errnoName, hex, pages } from '../values.ts';
import { INSTANT, SLICE_BEGIN, SLICE_END, type TrackEvent } from './packet.ts';
import type { Tracks } from './tracks.ts';

export type VmaChange = Extract<Change, { what: `vma-${string}` }>;
type Of<What extends VmaChange['what']> = Extract<VmaChange, { what: What }>;

/** An event of the track of a VMA. */
export interface VmaEvent {
  readonly vma: Vma;
  readonly event: TrackEvent;
}

const OUTCOMES = { dummy: 'dummy page', sigbus: 'SIGBUS', oom: 'out of memory' } as const;
const FLOW_NAMES = {
  mmap: 'mmap',
  fork: 'fork',
  split: 'split',
  mremap: 'move',
  snapshot: 'snapshot',
} as const;

const birthState = ({ kind, state }: Vma): string => {
  if (kind === 'driver') return 'driver-managed';
  return state === 'closed' ? 'mapped' : state;
};

/** Follows the states of VMAs: each is one slice, one after the other. */
export class Slices {
  readonly #tracks: Tracks;
  readonly #states = new Map<Vma, string>();
  #flows = 0;

  constructor(tracks: Tracks) {
    this.#tracks = tracks;
  }

  /** VMAs whose last slice has not ended. */
  get open(): Iterable<Vma> {
    return this.#states.keys();
  }

  end(vma: Vma): VmaEvent {
    this.#states.delete(vma);
    return { vma, event: { type: SLICE_END, track: this.#tracks.of(vma) } };
  }

  of(change: VmaChange): VmaEvent[] {
    switch (change.what) {
      case 'vma-born':
        return this.#born(change);
      case 'vma-shrunk':
        return [this.#instant(change, `shrunk to ${pages(change.vma.start, change.vma.end)}p`)];
      case 'vma-zapped':
        return [this.#zap(change), ...this.#enter(change.vma, 'zapped')];
      case 'vma-touched':
        return [this.#touch(change), ...this.#touched(change.vma)];
      case 'vma-audited':
        return [
          this.#instant(change, `audit: ${change.device} of ${change.pages} pages map the device`),
          ...(change.vma.state === 'escaped' ? this.#enter(change.vma, 'escaped') : []),
        ];
      case 'vma-stillborn':
        return [
          this.#instant(change, `mmap failed after all: ${errnoName(change.errno)}`),
          ...this.#end(change.vma),
        ];
      case 'vma-ended':
        return this.#end(change.vma);
    }
  }

  #born({ event, vma, parent }: Of<'vma-born'>): VmaEvent[] {
    const state = birthState(vma);
    const { cause } = vma.origin;
    const notes = {
      by: actor(event),
      event: event.n,
      cause,
      start: hex(vma.start),
      pages: pages(vma.start, vma.end),
      ...(vma.pfn !== null && { pfn: hex(vma.pfn) }),
      tracked: vma.tracked ? 'yes' : 'no',
    };
    this.#states.set(vma, state);
    const begin = { type: SLICE_BEGIN, track: this.#tracks.of(vma), name: state, notes };
    if (parent === null) return [{ vma, event: begin }];
    const flow = ++this.#flows;
    const from = {
      type: INSTANT,
      track: this.#tracks.of(parent),
      name: `${FLOW_NAMES[cause]}: ${vma.id}`,
      flow,
    };
    return [
      { vma: parent, event: from },
      { vma, event: { ...begin, flowEnd: flow } },
    ];
  }

  #zap(change: Of<'vma-zapped'>): VmaEvent {
    const { address, size, duration: took, disassociation } = change;
    return this.#instant(change, 'zap', {
      address: hex(address),
      pages: pages(address, address + size),
      took: duration(took),
      disassociation: disassociation?.id ?? 'none',
    });
  }

  #touch(change: Of<'vma-touched'>): VmaEvent {
    const { address, write, outcome } = change;
    const name = `${write ? 'write' : 'read'}: ${OUTCOMES[outcome]}`;
    return this.#instant(change, name, { address: hex(address) });
  }

  #touched(vma: Vma): VmaEvent[] {
    return this.#states.get(vma) === 'zapped' ? this.#enter(vma, 'touched after zap') : [];
  }

  /** Another state from here on. */
  #enter(vma: Vma, state: string): VmaEvent[] {
    if (!this.#states.has(vma) || this.#states.get(vma) === state) return [];
    this.#states.set(vma, state);
    const track = this.#tracks.of(vma);
    return [
      { vma, event: { type: SLICE_END, track } },
      { vma, event: { type: SLICE_BEGIN, track, name: state } },
    ];
  }

  #end(vma: Vma): VmaEvent[] {
    return this.#states.has(vma) ? [this.end(vma)] : [];
  }

  #instant({ event, vma }: VmaChange, name: string, notes: Record<string, string | number> = {}): VmaEvent {
    const track = this.#tracks.of(vma);
    const all = { by: actor(event), event: event.n, ...notes };
    return { vma, event: { type: INSTANT, track, name, notes: all } };
  }
}
