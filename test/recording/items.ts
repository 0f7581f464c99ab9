import type { UmapEvent } from '../../src/event/events.gen.ts';
import type { RecordingItem } from '../../src/recording/item.ts';

/** An item that can be compared: event lines are decoded. */
export type WholeItem =
  | Exclude<RecordingItem, { kind: 'event' }>
  | { readonly kind: 'event'; readonly event: UmapEvent };

/** Items with their events decoded, so that where the bytes lay does not count. */
export const whole = (items: readonly RecordingItem[]): WholeItem[] =>
  items.map((item) => (item.kind === 'event' ? { kind: 'event', event: item.event } : item));
