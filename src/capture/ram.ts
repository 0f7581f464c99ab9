/** Where the machine's memory lies, as /proc/iomem has it. */
import { readFileSync } from 'node:fs';
import type { RamEvent } from '../event/events.gen.ts';
import { PAGE } from '../page.ts';
import { ownHead } from './own.ts';

/** Memory that the kmem driver has put online lies below a device's range. */
const SYSTEM_RAM = /^ *([0-9a-f]+)-([0-9a-f]+) : System RAM(?: \(kmem\))?$/gm;

/** The ranges of System RAM in the text of /proc/iomem: first page frame, and how many. */
export function parseRam(iomem: string): { pfn: number; frames: number }[] {
  return Array.from(iomem.matchAll(SYSTEM_RAM), ([, first = '0', last = '0']) => {
    const pfn = BigInt(`0x${first}`) / BigInt(PAGE);
    return { pfn: Number(pfn), frames: Number(BigInt(`0x${last}`) / BigInt(PAGE) - pfn + 1n) };
  }).filter(({ pfn }) => pfn > 0); // frame 0 has no name in a redacted recording, and zeros are what the unprivileged read
}

/** The events that tell them; none where /proc/iomem cannot be read. @param ns since the recording's origin */
export function ramEvents(ns: number): RamEvent[] {
  try {
    const ranges = parseRam(readFileSync('/proc/iomem', 'latin1'));
    return ranges.map((range) => ({ ...ownHead(ns), what: 'ram', ...range }));
  } catch {
    return [];
  }
}
