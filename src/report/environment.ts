/** Where and how a recording was made, as rows for people: what a bug report begins with. */
import type { Header } from '../recording/format.ts';
import { duration } from '../time-text.ts';
import { Clock } from './clock.ts';
import { escapeText } from './escape.ts';
import type { Tally } from './tally.ts';

const MIB = 1 << 20;

/** A row: what it is called, and its text, escaped. */
export type Fact = readonly [label: string, text: string];

function traced(header: Header, { footer }: Tally): string {
  const started = new Clock(header).dayAndTime(0) ?? '';
  if (footer === null) return started;
  const lasted = duration(Number(footer.boot - header.origin));
  return started === '' ? `for ${lasted}` : `${started}, for ${lasted}`;
}

const filters = (header: Header): string =>
  Object.entries(header.filters)
    .map(([name, value]) => `--${name} ${value}`)
    .join(' ');

const buffers = ({ buffers: known }: Header): string =>
  known === undefined
    ? ''
    : `${known.count === 1 ? '' : `${known.count} × `}${(known.bytes / MIB).toLocaleString('en')} MiB`;

function probes(header: Header): string {
  const attached = header.probes.filter((probe) => probe.attached);
  const kinds = [...new Set(attached.map(({ kind }) => kind))].filter((kind) => kind !== '');
  return `${attached.length} of ${header.probes.length} attached${kinds.length === 0 ? '' : ` (${kinds.join(', ')})`}`;
}

/** What is known of the machine and the trace; what is not known is left out. */
export function environment(header: Header, tally: Tally): Fact[] {
  const facts: Fact[] = [
    ['kernel', [header.kernel, header.arch].filter((text) => text !== '').join(' ')],
    ['host', header.hostname],
    ['bpftrace', header.bpftrace],
    ['umaptrace', header.version],
    ['traced', traced(header, tally)],
    ['filters', filters(header)],
    ['buffers', buffers(header)],
    ['probes', header.probes.length === 0 ? '' : probes(header)],
    ['complete', tally.complete ? 'yes' : 'no'],
  ];
  return facts.filter(([, text]) => text !== '').map(([label, text]) => [label, escapeText(text)]);
}
