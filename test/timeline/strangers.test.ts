import { expect, test } from 'vitest';
import { isIoMapping } from '../../src/timeline/strangers.ts';
import { Timeline } from '../../src/timeline/timeline.ts';
import type { KernelOrder } from './kernel/objects.ts';
import { draw, events } from './sketch.ts';

test('what io_remap_pfn_range maps has both flags', () => {
  const flags = ['0', '400', '4000', '4400', '140444fb', 'ffffffff000044fb'];
  expect(flags.filter((mask) => isIoMapping({ flags: mask }))).toEqual(flags.slice(3));
});

/** What is said of the events of a sketch of which those of the zap are changed. */
function mismatches(zap: {
  readonly umap?: string;
  readonly ufile?: string;
  readonly mm?: string;
}): string[] {
  const timeline = new Timeline();
  const changes = events('P1 open U1 | P1 mmap A 4p | reset').flatMap((event) =>
    timeline.apply(event.what === 'zap' ? { ...event, ...zap } : event),
  );
  return changes.flatMap((change) => (change.what === 'mismatch' ? [change.message] : []));
}

test('another umap, ufile or mm at a pointer is another VMA', () => {
  const other = ['V1 was never closed: another VMA has its pointer'];
  expect(mismatches({})).toEqual([]);
  expect(mismatches({ umap: 'ffff888109999999' })).toEqual(other);
  expect(mismatches({ ufile: 'ffff888108888888' })).toEqual(other);
  expect(mismatches({ mm: 'ffff888107777777' })).toEqual(other);
  // An event that does not tell the ufile.
  expect(mismatches({ ufile: '0' })).toEqual([]);
});

test.each<KernelOrder>(['old', 'new'])(
  'a parent from before the trace maps what its copy tells, %s order',
  (order) => {
    const pgoffs = (text: string): number[] =>
      draw(text, order)
        .timeline.live()
        .toSorted((a, b) => a.start - b.start)
        .map(({ pgoff }) => pgoff);
    for (const step of ['P1 mprotect A 1p', 'P1 mprotect A+3 1p', 'P1 munmap A+1 2p', 'P1 fork P2']) {
      const known = pgoffs(`P1 open U1 | P1 mmap A 4p | ${step}`);
      expect(known[0], step).toBeGreaterThan(0);
      expect(pgoffs(`unseen P1 open U1 | unseen P1 mmap A 4p | ${step}`), step).toEqual(known);
    }
  },
);
