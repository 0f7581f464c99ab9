import type { AuditEvent } from '../event/events.gen.ts';
import { PAGE } from '../page.ts';

/** Pages of a VMA by what its page tables map; they add up to `pages`. */
export interface PageCounts {
  readonly pages: number;
  /** Nothing. */
  readonly absent: number;
  /** The page that rdma_umap_fault gives. */
  readonly dummy: number;
  /** The device's memory. */
  readonly device: number;
  readonly unknown: number;
}

/**
 * What the walk of a VMA's page tables found. There are two witnesses for a page of the device: bit 9 of its entry,
 * which remap_pfn_range sets, and its frame, which must be the one that rdma_user_mmap_io was given for that page. Where
 * they do not agree the page is unknown. So is every page when the walk did not find the page that must be there.
 * @param pfn frame of the VMA's first page; null when it is not known, which leaves the first witness
 * @param ram whether its frames are System RAM: then they are none of the device's
 */
export function countPages(event: AuditEvent, pfn: number | null, ram = false): PageCounts {
  const pages = Math.max(0, Math.floor((event.end - event.start) / PAGE));
  const { absent, special, linear, plain, same } = event;
  const sound = absent + special + plain <= pages && linear <= special && same <= plain;
  if (event.proven !== 1 || !sound) return { pages, absent: 0, dummy: 0, device: 0, unknown: pages };
  const first = special > 0 ? event.frame - (event.at - event.start) / PAGE : pfn;
  const device = !ram && (pfn === null || first === pfn) ? linear : 0;
  const dummy = first !== null && event.other >= first && event.other < first + pages ? 0 : same;
  return { pages, absent, dummy, device, unknown: pages - absent - device - dummy };
}
