import type { UmapEvent } from '../../../src/event/events.gen.ts';

/**
 * Events in an order in which they may arrive: each CPU's own in order, and every one less than
 * `window` ns late.
 */
export function arrival(events: readonly UmapEvent[], window: number, salt: number): UmapEvent[] {
  const last = new Map<number, number>();
  const arrived = events.map((event, i) => {
    const delay = (Math.imul(i + salt, 0x9e37_79b1) >>> 8) % window;
    const at = Math.max(event.ns + delay, last.get(event.cpu) ?? 0);
    last.set(event.cpu, at);
    return { event, at };
  });
  arrived.sort((a, b) => a.at - b.at || a.event.n - b.event.n);
  return arrived.map(({ event }) => event);
}
