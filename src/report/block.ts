/** A disassociation as a block of lines: requested, teardown, zapping, each zap, ended. */

import { duration } from '../time-text.ts';
import type { Change, Disassociation, DisassociationKind } from '../timeline/model.ts';
import { ZapWaits } from '../timeline/waits.ts';
import { escapeText } from './escape.ts';
import type { Line, Part, Rail } from './line.ts';
import { actor, foreign, owner } from './names.ts';
import { counted, hex, pages, range } from './values.ts';

type Of<What extends Change['what']> = Extract<Change, { what: What }>;
type Requested = Of<'disassociation-requested'>;
type Returned = Of<'disassociation-returned'>;
type Phase = Of<'disassociation-teardown' | 'disassociation-zapping' | 'disassociation-ended'>;
type Zapped = Of<'vma-zapped'>;
export type BlockChange = Requested | Returned | Phase | Zapped;

const VERB: Record<DisassociationKind, string> = { remove: 'removal', reset: 'reset' };

const title = (kind: DisassociationKind, device: string | null): string =>
  `${VERB[kind]} of ${device === null ? 'a device' : escapeText(device)}`;

/** The earliest moment known of it: its request, else its first phase. */
const beginning = (d: Disassociation): number | null => (d.requested ?? d.teardown ?? d.zapping)?.ns ?? null;

function zapParts({ event, vma, address, size, duration: took, disassociation }: Zapped): Part[] {
  const parts: Part[] = [
    ['zap', 'zap'],
    ['plain', range(address, address + size)],
    ['plain', duration(took)],
  ];
  if (address > vma.start || address + size < vma.end) {
    parts.push(['alarm', `only part of ${pages(vma.start, vma.end)}p at ${hex(vma.start)}`]);
  }
  if (disassociation !== null) return parts;
  if (foreign(event, vma)) parts.push(['plain', `of ${owner(vma.mm)}`]);
  return [...parts, ['dim', 'outside a disassociation']];
}

function phaseParts({ what, event, disassociation: d }: Phase): Part[] {
  const began = beginning(d);
  const since: Part[] =
    began === null || began === event.ns ? [] : [['dim', `${duration(event.ns - began)} since it began`]];
  switch (what) {
    case 'disassociation-teardown':
      return [['zap', 'teardown'], ['plain', d.ufile.id], ...since];
    case 'disassociation-zapping':
      return [['zap', 'zapping'], ['plain', d.ufile.id], ...since];
    case 'disassociation-ended': {
      const within = d.zapping === null ? '' : ` in ${duration(event.ns - d.zapping.ns)}`;
      const total: Part[] = began === null ? [] : [['plain', `${duration(event.ns - began)} in all`]];
      return [['zap', `ended: ${counted(d.zaps, 'zap')}${within}`], ...total];
    }
  }
}

/** Follows the disassociations that run, to know where each line stands in its block. */
export class DisassociationBlocks {
  /** Requests that have not returned, by thread: when each began. */
  readonly #requests = new Map<number, number>();
  readonly #begun = new Set<Disassociation>();
  readonly #waits = new ZapWaits();

  /** Whether a removal or reset is running on this thread. */
  runsOn(tid: number): boolean {
    return this.#requests.has(tid);
  }

  lines(change: BlockChange): Line[] {
    switch (change.what) {
      case 'disassociation-requested':
        return [this.#requested(change)];
      case 'disassociation-returned':
        return [this.#returned(change)];
      case 'vma-zapped':
        return this.#zapped(change);
      default:
        return [this.#phase(change)];
    }
  }

  #requested({ event, kind, device }: Requested): Line {
    this.#requests.set(event.tid, event.ns);
    const parts: Part[] = [
      ['title', title(kind, device)],
      ['zap', 'requested'],
    ];
    return { ns: event.ns, who: actor(event), rail: '┌', name: '', parts };
  }

  #returned({ event, kind, device }: Returned): Line {
    const began = this.#requests.get(event.tid);
    this.#requests.delete(event.tid);
    const parts: Part[] = [['zap', `${title(kind, device)} returned`]];
    if (began !== undefined) parts.push(['plain', `${duration(event.ns - began)} in all`]);
    return { ns: event.ns, who: actor(event), rail: began === undefined ? ' ' : '└', name: '', parts };
  }

  #phase(change: Phase): Line {
    const { event, disassociation: d, what } = change;
    const inRequest = this.#requests.has(event.tid);
    const begun = inRequest || this.#begun.has(d);
    this.#begun.add(d);
    if (what === 'disassociation-zapping') this.#waits.began(d, event.ns);
    let rail: Rail = begun ? '│' : '┌';
    if (what === 'disassociation-ended') {
      this.#waits.ended(d);
      this.#begun.delete(d);
      rail = inRequest ? '│' : '└';
    }
    return { ns: event.ns, who: actor(event), rail, name: d.id, parts: phaseParts(change) };
  }

  /** Within its block a zap is told beside the process whose memory it is, after how long it was waited for. */
  #zapped(change: Zapped): Line[] {
    const { event, vma, disassociation: d, duration: took } = change;
    const parts = zapParts(change);
    if (d === null) return [{ ns: event.ns, who: actor(event), rail: ' ', name: vma.id, parts }];
    const who = owner(vma.mm);
    const zap: Line = { ns: event.ns, who, rail: '│', name: vma.id, parts };
    const wait = this.#waits.zapped(d, vma.mm, event.ns, took);
    if (wait === null) return [zap];
    const text = `waited ${duration(wait)} for its mm`;
    return [{ ns: event.ns - took, who, rail: '│', name: '', parts: [['plain', text]] }, zap];
  }
}
