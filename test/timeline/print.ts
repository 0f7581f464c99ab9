import type { Change, Vma } from '../../src/timeline/model.ts';
import type { Timeline } from '../../src/timeline/timeline.ts';
import { DRIVER_OPS } from './kernel/rdma.ts';
import { place } from './sketch.ts';

const range = ({ start, end }: { readonly start: number; readonly end: number }): string =>
  `${place(start)} ${(end - start) / 4096}p`;

const owner = ({ mm }: Vma): string => `P${mm.pid ?? '?'}`;

/** `P1 A 4p V1`, with `<V0` for its parent and what is not usual about it. */
function alive(vma: Vma): string {
  const words = [owner(vma), range(vma), vma.id];
  const { cause, parent } = vma.origin;
  if (cause !== 'mmap') words.push(parent === null ? cause : `${cause}<${parent}`);
  if (vma.state !== 'mapped') words.push(vma.state);
  if (!vma.tracked) words.push('untracked');
  return words.join(' ');
}

/** What is alive, in order of process and address. */
export function picture(timeline: Timeline): string {
  const vmas = [...timeline.live()];
  vmas.sort((a, b) => (a.mm.pid ?? 0) - (b.mm.pid ?? 0) || a.start - b.start);
  return vmas.map(alive).join(' | ');
}

const born = (vma: Vma): string => {
  const { cause, parent, event } = vma.origin;
  if (cause === 'mmap') {
    const how = vma.kind === 'io' ? '' : event.what === 'mmap' && event.ops === DRIVER_OPS ? ' rxe' : ' siw';
    const ufile = vma.ufile.id === 'U1' ? '' : ` ${vma.ufile.id}`;
    return `P${event.pid} mmap ${range(vma)}${ufile}${how}`;
  }
  return `${vma.id} ${cause}${parent === null ? '' : `<${parent}`} ${range(vma)}`;
};

function step(change: Change): string | null {
  const pid = `P${change.event?.pid}`;
  switch (change.what) {
    case 'ufile-opened':
      return `${pid} open ${change.ufile.id}`;
    case 'ufile-found':
      return `found ${change.ufile.id}`;
    case 'ufile-held':
      return `${pid} holds ${change.ufile.id}`;
    case 'ufile-closed':
      return `${pid} close ${change.ufile.id}`;
    case 'vma-born':
      return born(change.vma);
    case 'vma-stillborn':
      return `${change.vma.id} stillborn ${change.errno}`;
    case 'mmap-failed':
      return `${pid} mmap ${range(change)} fails ${change.errno}`;
    case 'vma-shrunk':
      return `${change.vma.id} is ${range(change.vma)}`;
    case 'vma-ended':
      return `${pid} munmap ${range(change.vma)}`;
    case 'forked':
      return `${pid} fork P${change.mm.pid}`;
    case 'vma-touched':
      return `${pid} touch ${place(change.address)} ${change.outcome}`;
    case 'vma-zapped':
      return `${change.disassociation?.id ?? 'open'} zap ${change.vma.id} ${range(change.vma)}`;
    case 'disassociation-requested':
      return change.kind;
    case 'disassociation-teardown':
      return `${change.disassociation.id} teardown ${change.disassociation.ufile.id}`;
    case 'disassociation-zapping':
      return `${change.disassociation.id} zapping ${change.disassociation.ufile.id}`;
    case 'disassociation-ended':
      return `${change.disassociation.id} ended`;
    case 'mismatch':
      return `mismatch: ${change.message}`;
    case 'vma-audited':
      return `audit ${change.vma.id} ${change.device} of ${change.pages}`;
    case 'umap-kept':
      return `kept ${change.vma.id}`;
    case 'audit-failed':
      return 'audit failed';
    case 'stack-seen':
    case 'ufile-freed':
    case 'ufile-open-failed':
    case 'ucontext-ended':
    case 'disassociation-returned':
    case 'gap':
      return null;
  }
}

/** Changes as the steps of a sketch; what no step stands for is left out. */
export const story = (changes: readonly Change[]): string[] =>
  changes.map(step).filter((text) => text !== null);
