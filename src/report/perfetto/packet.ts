/**
 * Packets of a Perfetto trace: the few messages and fields of Perfetto's public schema that
 * a timeline needs (Trace, TracePacket, TrackDescriptor, TrackEvent). Field numbers are
 * part of that schema and never change.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

const { Varint, LengthDelimited, Bit64 } = WireType;

/** TrackEvent.Type */
export const SLICE_BEGIN = 1;
export const SLICE_END = 2;
export const INSTANT = 3;
export const COUNTER = 4;

/** CounterDescriptor.Unit */
export const UNIT_COUNT = 2;
export const UNIT_BYTES = 3;

/** BuiltinClock */
const REALTIME = 1;
const BOOTTIME = 6;
/** All packets are of one sequence. */
const SEQUENCE = 1;
const LAST = (1n << 63n) - 1n;

/** Something on a track at a moment. */
export interface TrackEvent {
  readonly type: number;
  readonly track: number;
  readonly name?: string;
  readonly value?: number;
  /** Flows that go on from here, or end here. */
  readonly flow?: number;
  readonly flowEnd?: number;
  /** Shown with it, by name. */
  readonly notes?: Readonly<Record<string, string | number>>;
}

export interface Track {
  readonly uuid: number;
  readonly parent?: number;
  readonly name: string;
  /** It is a process's group. */
  readonly pid?: number;
  /** Shown beside the process's name. */
  readonly label?: string;
  /** It is a counter. */
  readonly unit?: number;
}

const clamp = (ns: bigint): bigint => (ns < 0n ? 0n : ns > LAST ? LAST : ns);

const text = (to: BinaryWriter, field: number, value: string): void => {
  to.tag(field, LengthDelimited).string(value);
};
const integer = (to: BinaryWriter, field: number, value: number | bigint): void => {
  to.tag(field, Varint).uint64(value);
};
const message = (to: BinaryWriter, field: number, write: (to: BinaryWriter) => void): void => {
  to.tag(field, LengthDelimited).fork();
  write(to);
  to.join();
};

/** A whole number as int64 can hold it. */
const whole = (value: number): string =>
  Number.isFinite(value) ? String(clampSigned(BigInt(Math.round(value)))) : '0';
const clampSigned = (value: bigint): bigint => (value > LAST ? LAST : value < -LAST ? -LAST : value);

/** TracePacket, as a field of Trace. */
function packet(write: (to: BinaryWriter) => void): Uint8Array {
  const to = new BinaryWriter();
  message(to, 1, (inner) => {
    write(inner);
    integer(inner, 10, SEQUENCE);
  });
  return to.finish();
}

/** DebugAnnotation */
function note(to: BinaryWriter, name: string, value: string | number): void {
  text(to, 10, name);
  if (typeof value === 'string') text(to, 6, value);
  else to.tag(4, Varint).int64(whole(value));
}

function writeEvent(to: BinaryWriter, event: TrackEvent): void {
  for (const [name, value] of Object.entries(event.notes ?? {})) {
    message(to, 4, (inner) => note(inner, name, value));
  }
  integer(to, 9, event.type);
  integer(to, 11, event.track);
  if (event.name !== undefined) {
    text(to, 22, 'umaptrace');
    text(to, 23, event.name);
  }
  if (event.value !== undefined) to.tag(30, Varint).int64(whole(event.value));
  if (event.flow !== undefined) to.tag(47, Bit64).fixed64(event.flow);
  if (event.flowEnd !== undefined) to.tag(48, Bit64).fixed64(event.flowEnd);
}

/** Something that happened; `ns` since boot. */
export const eventPacket = (ns: bigint, event: TrackEvent): Uint8Array =>
  packet((to) => {
    integer(to, 8, clamp(ns));
    integer(to, 58, BOOTTIME);
    message(to, 11, (inner) => writeEvent(inner, event));
  });

/** A track; to stand before what happens on it. */
export const trackPacket = ({ uuid, parent, name, pid, label, unit }: Track): Uint8Array =>
  packet((to) => {
    message(to, 60, (inner) => {
      integer(inner, 1, uuid);
      text(inner, 2, name);
      if (parent !== undefined) integer(inner, 5, parent);
      if (pid !== undefined) {
        message(inner, 3, (process) => {
          process.tag(1, Varint).int32(pid | 0);
          text(process, 6, name);
          if (label !== undefined) text(process, 8, label);
        });
      }
      if (unit !== undefined) message(inner, 8, (counter) => integer(counter, 3, unit));
    });
  });

/** One moment on both clocks, so that Perfetto can show wall-clock times. */
export const clockPacket = (boot: bigint, wall: bigint): Uint8Array =>
  packet((to) => {
    message(to, 6, (snapshot) => {
      for (const [id, ns] of [
        [BOOTTIME, boot],
        [REALTIME, wall],
      ] as const) {
        message(snapshot, 1, (clock) => {
          integer(clock, 1, id);
          integer(clock, 2, clamp(ns));
        });
      }
    });
  });
