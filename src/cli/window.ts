/** How long events of a recording wait for older ones of other CPUs. */
import { canBeReread } from '../recording/file.ts';
import { type Header, inOrder } from '../recording/format.ts';
import { WINDOW_NS } from '../report/replay.ts';
import { Skew } from '../timeline/skew.ts';
import { itemsOf } from './items.ts';

/** More than the greatest distance of two events that are to be exchanged, ns. */
const MORE = 1;

async function skewOf(file: string, tell: (events: number) => void): Promise<number> {
  const skew = new Skew();
  let events = 0;
  for await (const batch of itemsOf(file)) {
    for (const item of batch) {
      if (item.kind !== 'event') continue;
      skew.see(item);
      item.free();
      events += 1;
    }
    tell(events);
  }
  return skew.most;
}

/**
 * The window that puts a recording in order. Where each CPU had a buffer of its own a bpftrace that was behind has told
 * all of one CPU's, seconds of it, before the next one's: it is read once to see how far that went, if it can be read twice.
 * @param tell is told how many events have been read
 */
export async function windowOf(
  header: Pick<Header, 'buffers'>,
  file: string,
  tell: (events: number) => void = () => {},
): Promise<number> {
  if (inOrder(header) || !(await canBeReread(file))) return WINDOW_NS;
  return Math.max(WINDOW_NS, (await skewOf(file, tell)) + MORE);
}
