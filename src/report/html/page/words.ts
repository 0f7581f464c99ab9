/** Values and histories as text, with the words of the text report. */
import { PAGE } from '../../../page.ts';
import { duration } from '../../../time-text.ts';
import { CAUSES, KINDS, OUTCOMES, STATES } from '../data.ts';
import type { Entry, Model } from './model.ts';

export const hex = (value: number): string => `0x${value.toString(16)}`;
export const range = (start: number, size: number): string => `${hex(start)} ${Math.ceil(size / PAGE)}p`;
export const vmaName = (model: Model, vma: number): string => `V${model.number[vma]}`;

/** `+12.345678`, with as many digits as are asked for, the rest cut. */
export function time(ns: number, digits = 6): string {
  const whole = Math.floor(Math.abs(ns) / 10 ** (9 - digits));
  return `${ns < 0 ? '−' : '+'}${(whole / 10 ** digits).toFixed(digits)}`;
}

/** Wall-clock time in UTC; empty when the recording does not tell it. */
export function wallTime({ data }: Model, ns: number): string {
  if (data.wall === null) return '';
  const date = new Date(Number(BigInt(data.wall) / 1_000_000n) + ns / 1e6);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(11, 23);
}

export function processOf({ data }: Model, mm: number): string {
  const { comm = '', pid = null } = data.mms[mm] ?? {};
  return `${comm}[${pid ?? '?'}]`;
}

/** How a VMA came to be. */
export function originOf(model: Model, vma: number): string {
  const cause = CAUSES[model.data.vmas.cause[vma] ?? 0] ?? 'mmap';
  const parent = model.parent(vma);
  const of = parent < 0 ? '' : ` of ${vmaName(model, parent)}`;
  return cause === 'snapshot' ? 'mapped before the trace' : `${cause === 'mremap' ? 'move' : cause}${of}`;
}

/** What a VMA is in the end. */
export function stateOf(model: Model, vma: number): string {
  const { kind, state, tracked, lived } = model.data.vmas;
  const last = STATES[state[vma] ?? 0] ?? '';
  const isClosed = typeof lived[vma] === 'number';
  const parts: string[] = isClosed ? ['closed', ...(last === 'escaped' ? ['had escaped'] : [])] : [last];
  if (KINDS[kind[vma] ?? 0] === 'driver') parts.push('driver-managed');
  else if (tracked[vma] === 0) parts.push('tracked by nobody');
  return parts.join(', ');
}

const OUTCOME_WORDS = { dummy: 'dummy page', sigbus: 'SIGBUS', oom: 'out of memory' } as const;

/** Pages by what they map. */
function auditText(fields: Entry['fields']): string {
  const counts = ['absent', 'dummy', 'device', 'unknown'].map((what) => [what, fields[what] ?? 0] as const);
  const parts = counts.filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`);
  return `page tables: ${fields['pages'] ?? 0} pages, ${parts.join(', ')}`;
}

/** What an entry of a VMA's history says. */
export function entryText(model: Model, vma: number, { kind, fields }: Entry): string {
  const at = (offset: number): number => (model.start[vma] ?? 0) + offset;
  const { offset = 0, size = 0 } = fields;
  switch (kind) {
    case 'born':
      return `${originOf(model, vma)}  ${range(at(0), size)}`;
    case 'shrunk':
      return `shrunk to ${range(at(offset), size)}`;
    case 'zap': {
      const by = fields['disassociation'] ?? -1;
      return `zap ${range(at(offset), size)}  ${duration(fields['duration'] ?? 0)}  ${by < 0 ? 'outside a disassociation' : `D${by}`}`;
    }
    case 'touch': {
      const outcome = OUTCOMES[fields['outcome'] ?? 0] ?? 'dummy';
      return `${fields['write'] === 1 ? 'wrote' : 'read'} ${hex(at(offset))}  ${OUTCOME_WORDS[outcome]}`;
    }
    case 'ended':
      return fields['dying'] === 1 ? 'exit' : 'close';
    case 'stillborn':
      return `mmap failed after all (errno ${Math.abs(fields['errno'] ?? 0)})`;
    case 'audit':
      return auditText(fields);
    case 'mismatch':
      return `does not fit: ${model.data.words[fields['message'] ?? 0] ?? ''}`;
  }
}
