/** Perfetto traces read back by a library other than the one that wrote them. */
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import * as v from 'valibot';

const proto = readFileSync(new URL('perfetto.proto', import.meta.url), 'utf8');
const Trace = protobuf.parse(proto, { keepCase: true }).root.lookupType('Trace');

const annotation = v.object({
  name: v.string(),
  int_value: v.optional(v.string()),
  string_value: v.optional(v.string()),
});
const trackEvent = v.object({
  type: v.picklist(['TYPE_SLICE_BEGIN', 'TYPE_SLICE_END', 'TYPE_INSTANT', 'TYPE_COUNTER']),
  track_uuid: v.string(),
  name: v.optional(v.string()),
  counter_value: v.optional(v.string()),
  flow_ids: v.optional(v.array(v.string()), []),
  terminating_flow_ids: v.optional(v.array(v.string()), []),
  debug_annotations: v.optional(v.array(annotation), []),
});
const trackDescriptor = v.object({
  uuid: v.string(),
  name: v.string(),
  parent_uuid: v.optional(v.string()),
  process: v.optional(
    v.object({ pid: v.number(), process_name: v.string(), process_labels: v.array(v.string()) }),
  ),
  counter: v.optional(v.object({ unit: v.picklist(['UNIT_COUNT', 'UNIT_SIZE_BYTES']) })),
});
const packet = v.object({
  timestamp: v.optional(v.string()),
  timestamp_clock_id: v.optional(v.number()),
  trusted_packet_sequence_id: v.number(),
  track_event: v.optional(trackEvent),
  track_descriptor: v.optional(trackDescriptor),
  clock_snapshot: v.optional(
    v.object({ clocks: v.array(v.object({ clock_id: v.number(), timestamp: v.string() })) }),
  ),
});

export type Packet = v.InferOutput<typeof packet>;
export type Track = v.InferOutput<typeof trackDescriptor>;
export type Event = v.InferOutput<typeof trackEvent> & { readonly ns: string };

export interface Slice {
  readonly track: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** The packets of a trace. */
export function decode(bytes: Uint8Array): Packet[] {
  const json = Trace.toObject(Trace.decode(bytes), { longs: String, enums: String });
  return v.parse(v.object({ packet: v.optional(v.array(packet), []) }), json).packet;
}

/** A trace as what it shows. */
export function readTrace(bytes: Uint8Array) {
  const packets = decode(bytes);
  const tracks = new Map<string, Track>();
  const events: Event[] = [];
  for (const { track_descriptor: track, track_event: event, timestamp = '0' } of packets) {
    if (track !== undefined) tracks.set(track.uuid, track);
    if (event !== undefined) events.push({ ...event, ns: timestamp });
  }
  const nameOf = (uuid: string | undefined): string =>
    uuid === undefined ? '' : (tracks.get(uuid)?.name ?? '?');
  return { packets, tracks: [...tracks.values()], events, slices: slicesOf(events, nameOf), nameOf };
}

/** Begins matched with ends, on each track. */
function slicesOf(events: readonly Event[], nameOf: (uuid: string) => string): Slice[] {
  const open = new Map<string, Event[]>();
  const slices: Slice[] = [];
  for (const event of events) {
    const stack = open.get(event.track_uuid) ?? [];
    open.set(event.track_uuid, stack);
    if (event.type === 'TYPE_SLICE_BEGIN') stack.push(event);
    if (event.type !== 'TYPE_SLICE_END') continue;
    const begin = stack.pop();
    if (begin === undefined) throw new Error(`a slice of ${nameOf(event.track_uuid)} ends that never began`);
    slices.push({ track: nameOf(event.track_uuid), name: begin.name ?? '', from: begin.ns, to: event.ns });
  }
  for (const [track, stack] of open) {
    if (stack.length > 0) throw new Error(`a slice of ${nameOf(track)} never ends`);
  }
  return slices;
}
