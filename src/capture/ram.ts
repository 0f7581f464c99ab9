/** Where the machine's memory lies, as /proc/iomem has it. */
import { readFileSync } from 'node:fs';
import { encodeEvent } from '../event/codec.ts';
import type { Origin } from '../event/event.ts';
import type { RamEvent } from '../event/events.gen.ts';

const PAGE_SHIFT = 12n;
/** Memory that the kmem driver has put online lies below a device's range. */
const SYSTEM_RAM = /^ *([0-9a-f]+)-([0-9a-f]+) : System RAM(?: \(kmem\))?$/gm;

/** The ranges of System RAM in the text of /proc/iomem: first page frame, and how many. */
export function parseRam(iomem: string): { pfn: number; frames: number }[] {
  return Array.from(iomem.matchAll(SYSTEM_RAM), ([, first = '0', last = '0']) => {
    const pfn = BigInt(`0x${first}`) >> PAGE_SHIFT;
    return { pfn: Number(pfn), frames: Number((BigInt(`0x${last}`) >> PAGE_SHIFT) - pfn + 1n) };
  }).filter(({ pfn }) => pfn > 0); // frame 0 has no name in a redacted recording, and zeros are what the unprivileged read
}

/** Event lines for them. @param ns since the origin; none where /proc/iomem cannot be read */
export function ramLines(ns: number, origin: Origin): string {
  const { pid } = process;
  const head = { n: 0, ns, cpu: 0, seq: 0, pid, tid: pid, comm: 'umaptrace' };
  try {
    return parseRam(readFileSync('/proc/iomem', 'latin1'))
      .map((range): RamEvent => ({ ...head, what: 'ram', ...range }))
      .map((event) => `${encodeEvent(event, origin)}\n`)
      .join('');
  } catch {
    return '';
  }
}
