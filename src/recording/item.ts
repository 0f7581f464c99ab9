import type { EventLine } from '../event/codec.ts';
import type { Footer, Header, Mark } from './format.ts';

/** What one line of a recording says. */
export type RecordingItem =
  | { readonly kind: 'header'; readonly header: Header }
  /** Its kind is `event`. */
  | EventLine
  | { readonly kind: 'mark'; readonly mark: Mark }
  /**
   * bpftrace lost `count` events; `boot` is ns since boot, null when it was not written down. With `map` they are returns of calls
   * that a map had no room for, which have no number.
   */
  | {
      readonly kind: 'lost';
      readonly boot: bigint | null;
      readonly count: number;
      readonly map?: true | undefined;
    }
  | { readonly kind: 'note'; readonly text: string }
  /** The path of a cgroup that events name by its id. */
  | { readonly kind: 'cgroup'; readonly id: number; readonly path: string }
  /** Events that the kernel side counted on a CPU, printed when it ended. */
  | { readonly kind: 'total'; readonly cpu: number; readonly count: number }
  | { readonly kind: 'footer'; readonly footer: Footer }
  /** A line, counted from 1, that says nothing: damaged, cut off, or not ours. */
  | { readonly kind: 'unreadable'; readonly line: number; readonly reason: string };
