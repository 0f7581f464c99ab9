/**
 * Changes of a timeline as lines for people: the one place where the live view and the
 * text report get their words from.
 */

import { duration } from '../time-text.ts';
import type { Cgroup, Change, Gap, Vma } from '../timeline/model.ts';
import { type BlockChange, DisassociationBlocks } from './block.ts';
import { escapeText } from './escape.ts';
import type { Line, Part } from './line.ts';
import { actor, cgroupName, device, foreign, owner } from './names.ts';
import { counted, deviceNumber, errnoName, hex, pages, pointer, range } from './values.ts';

type Of<What extends Change['what']> = Extract<Change, { what: What }>;
type UfileChange = Extract<Change, { what: `ufile-${string}` | 'ucontext-ended' | 'mmap-failed' }>;
type VmaChange = Exclude<
  Change,
  UfileChange | BlockChange | Of<'gap' | 'forked' | 'mismatch' | 'audit-failed' | 'stack-seen' | 'umap-kept'>
>;

/** Where the process of an address space is. */
export const cgroupParts = (cgroup: Cgroup | null): Part[] => [['dim', `cgroup ${cgroupName(cgroup)}`]];

function bornParts({ vma, parent }: Of<'vma-born'>): Part[] {
  const known = parent?.id ?? vma.origin.parent;
  const from = known ?? 'an unknown VMA';
  const words: Record<Vma['origin']['cause'], string> = {
    mmap: 'mmap',
    fork: `fork of ${from}`,
    split: `split of ${from}`,
    mremap: `move of ${from}`,
    snapshot: 'mapped before the trace',
  };
  const parts: Part[] = [
    ['gain', words[vma.origin.cause]],
    ['plain', range(vma.start, vma.end)],
  ];
  if (vma.pfn !== null) parts.push(['dim', `pfn ${hex(vma.pfn)}`]);
  if (known === null) parts.push(['dim', vma.ufile.id]);
  if (vma.kind === 'driver') parts.push(['dim', 'driver']);
  else if (!vma.tracked) parts.push(['alarm', 'tracked by nobody']);
  return parts;
}

const atLeast = ({ origin }: Vma): string => (origin.cause === 'snapshot' ? 'at least ' : '');

/** `exit`: the whole address space goes, as in exit_mmap, which exec runs too. */
function endedParts({ event, vma }: Of<'vma-ended'>): Part[] {
  const dying = 'users' in event && event.users === 0;
  return [
    ['end', dying ? 'exit' : 'close'],
    ['plain', range(vma.start, vma.end)],
    ['dim', `lived ${atLeast(vma)}${duration(event.ns - vma.origin.event.ns)}`],
  ];
}

const OUTCOMES = { dummy: 'dummy page', sigbus: 'SIGBUS', oom: 'out of memory' } as const;

const touchedParts = ({ address, write, outcome }: Of<'vma-touched'>): Part[] => [
  ['plain', `${write ? 'wrote' : 'read'} ${hex(address)}`],
  ['alarm', OUTCOMES[outcome]],
];

const shrunkParts = ({ vma, from }: Of<'vma-shrunk'>): Part[] => [
  ['plain', `shrunk to ${range(vma.start, vma.end)}`],
  ['dim', `was ${pages(from.start, from.end)}p`],
];

const stillbornParts = ({ errno, vma }: Of<'vma-stillborn'>): Part[] => [
  ['alarm', `mmap failed after all: ${errnoName(errno)}`],
  ['plain', range(vma.start, vma.end)],
];

/** What its page tables map after a disassociation. */
function auditedParts({
  pages: all,
  absent,
  dummy,
  device,
  unknown,
  entry,
  delay,
}: Of<'vma-audited'>): Part[] {
  const parts: Part[] = [['plain', `page tables, ${duration(delay)} after`]];
  if (device > 0) parts.push(['alarm', `${device} of ${counted(all, 'page')} map the device`]);
  if (device > 0 && entry !== '0') parts.push(['dim', `entry ${pointer(entry)}`]);
  if (unknown > 0) parts.push(['doubt', `${counted(unknown, 'page')} unknown`]);
  if (dummy > 0) parts.push(['plain', counted(dummy, 'dummy page')]);
  if (absent > 0) parts.push(['dim', `${absent} absent`]);
  return parts;
}

function vmaParts(change: VmaChange): Part[] {
  switch (change.what) {
    case 'vma-born':
      return bornParts(change);
    case 'vma-stillborn':
      return stillbornParts(change);
    case 'vma-shrunk':
      return shrunkParts(change);
    case 'vma-touched':
      return touchedParts(change);
    case 'vma-ended':
      return endedParts(change);
    case 'vma-audited':
      return auditedParts(change);
  }
}

/** A VMA's line; a birth in another process is the owner's line, all else names the owner when it is not the actor. */
function vmaLine(change: VmaChange): Line {
  const { event, vma } = change;
  const born = change.what === 'vma-born' && vma.mm.pid !== null;
  const parts = vmaParts(change);
  if (!born && foreign(event, vma)) parts.push(['plain', `of ${owner(vma.mm)}`]);
  return { ns: event.ns, who: born ? owner(vma.mm) : actor(event), rail: ' ', name: vma.id, parts };
}

function ufileParts(change: UfileChange): Part[] {
  switch (change.what) {
    case 'ufile-opened':
      return [
        ['gain', 'opened'],
        ['plain', device(change.ufile)],
      ];
    case 'ufile-found':
      return [
        ['doubt', 'open before the trace'],
        ['plain', device(change.ufile)],
      ];
    case 'ufile-held':
      return [['plain', `held open: fd ${change.fd}`]];
    case 'ufile-open-failed':
      return [
        ['alarm', `open failed: ${errnoName(change.errno)}`],
        ['plain', `device ${deviceNumber(change.rdev)}`],
      ];
    case 'mmap-failed':
      return [
        ['alarm', `mmap failed: ${errnoName(change.errno)}`],
        ['plain', range(change.start, change.end)],
      ];
    case 'ucontext-ended':
      return [['end', 'ucontext ended']];
    case 'ufile-closed':
      return [['end', 'closed']];
    case 'ufile-freed':
      return [['end', 'freed']];
  }
}

function ufileLine(change: UfileChange): Line {
  const name = change.what === 'ufile-open-failed' ? '' : change.ufile.id;
  return { ns: change.event.ns, who: actor(change.event), rail: ' ', name, parts: ufileParts(change) };
}

function keptLine({ event, vma }: Of<'umap-kept'>): Line {
  const parts: Part[] = [['alarm', `closed, and its umap stayed on the list of ${vma.ufile.id}`]];
  return { ns: event.ns, who: actor(event), rail: ' ', name: vma.id, parts };
}

function mismatchLine({ event, vma, message }: Of<'mismatch'>): Line {
  const parts: Part[] = [['doubt', `does not fit: ${escapeText(message)}`]];
  return { ns: event.ns, who: actor(event), rail: ' ', name: vma?.id ?? '', parts };
}

/** The process of the event did nothing: it was waited for. */
function auditFailedLine({ event, took, known }: Of<'audit-failed'>): Line {
  const whom = known ? `: waited ${duration(took)} for the mmap_lock of ${actor(event)}` : '';
  return {
    ns: event.ns,
    who: '',
    rail: ' ',
    name: '…',
    parts: [['doubt', `page tables were not read${whom}`]],
  };
}

function forkedLine({ event, mm }: Of<'forked'>): Line {
  const names = [...mm.vmas].map((vma) => vma.id).join(' ');
  const parts: Part[] = [['gain', `child of ${actor(event)} with ${names || 'no VMA'}`]];
  return { ns: event.ns, who: owner(mm), rail: ' ', name: '', parts };
}

/** Frames of a stack that are shown: a lock that is waited for, and who wants it, are further in than these. */
const FRAMES = 6;

function stackLine({ event, frames }: Of<'stack-seen'>): Line {
  const shown = frames.slice(0, FRAMES).map(escapeText).join(' ← ');
  const parts: Part[] = [['plain', `stands in ${shown}${frames.length > FRAMES ? ' ← …' : ''}`]];
  return { ns: event.ns, who: actor(event), rail: ' ', name: '', parts };
}

/** Events that were lost, as a line. */
function gapLine({ from, to, cpu, lost }: Gap): Line {
  const parts: Part[] = [['doubt', `${counted(lost, 'event')} lost on CPU ${cpu}`]];
  if (from !== null && to !== null) parts.push(['dim', `within ${duration(to - from)}`]);
  return { ns: to ?? from ?? 0, who: '', rail: ' ', name: '…', parts };
}

/** Where the process is that a change makes known; the child of a fork that runs is not known yet. */
function placeParts(change: Change): Part[] {
  switch (change.what) {
    case 'ufile-opened':
      return cgroupParts(change.ufile.cgroup);
    case 'vma-born':
      return change.vma.mm.pid === null ? [] : cgroupParts(change.vma.mm.cgroup);
    case 'forked':
      return cgroupParts(change.mm.cgroup);
    default:
      return [];
  }
}

/** Turns changes into lines; keeps what a disassociation's block needs to know. */
export class Describer {
  readonly #blocks = new DisassociationBlocks();
  readonly #cgroups: boolean;

  /** @param cgroups whether to tell where processes are, when they open, map or are forked */
  constructor(cgroups = false) {
    this.#cgroups = cgroups;
  }

  /** Whether lines that follow depend on this change: it has to be given to {@link lines}. */
  follows(change: Change): boolean {
    const { what } = change;
    return what === 'vma-zapped' || what === 'forked' || what.startsWith('disassociation-');
  }

  /** The lines of a change. Its objects are live: they are read here and now. */
  lines(change: Change): Line[] {
    const lines = this.#cgroups ? this.#placed(change) : this.#lines(change);
    const inBlock = change.what !== 'gap' && this.#blocks.runsOn(change.event.tid);
    return inBlock ? lines.map((line) => (line.rail === ' ' ? { ...line, rail: '│' } : line)) : lines;
  }

  #placed(change: Change): Line[] {
    const parts = placeParts(change);
    return this.#lines(change).map((line) => ({ ...line, parts: [...line.parts, ...parts] }));
  }

  #lines(change: Change): Line[] {
    switch (change.what) {
      case 'gap':
        return [gapLine(change.gap)];
      case 'mismatch':
        return [mismatchLine(change)];
      case 'umap-kept':
        return [keptLine(change)];
      case 'audit-failed':
        return [auditFailedLine(change)];
      case 'forked':
        return [forkedLine(change)];
      case 'stack-seen':
        return [stackLine(change)];
      case 'vma-zapped':
      case 'disassociation-requested':
      case 'disassociation-teardown':
      case 'disassociation-zapping':
      case 'disassociation-ended':
      case 'disassociation-returned':
        return this.#blocks.lines(change);
      case 'vma-born':
      case 'vma-stillborn':
      case 'vma-shrunk':
      case 'vma-touched':
      case 'vma-ended':
      case 'vma-audited':
        return [vmaLine(change)];
      default:
        return [ufileLine(change)];
    }
  }
}
