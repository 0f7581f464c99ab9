import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceEvent } from '../event/events.gen.ts';

const FOLDER = '/sys/class/infiniband_verbs';

/** A device and its names, as sysfs has them now. */
export interface DeviceNames {
  /** Kernel dev_t: major << 20 | minor. */
  readonly rdev: number;
  readonly uverbs: string;
  /** The ib device's name. */
  readonly name: string;
}

const read = (...path: string[]): string => readFileSync(join(FOLDER, ...path), 'utf8').trim();

function namesOf(uverbs: string): DeviceNames[] {
  try {
    const [major = 0, minor = 0] = read(uverbs, 'dev').split(':').map(Number);
    return [{ rdev: major * 2 ** 20 + minor, uverbs, name: read(uverbs, 'ibdev') }];
  } catch {
    return []; // gone between the listing and the reading
  }
}

/** All devices that uverbs has now; none when ib_uverbs is not loaded. */
export function listDevices(): DeviceNames[] {
  try {
    return readdirSync(FOLDER)
      .filter((name) => name.startsWith('uverbs'))
      .flatMap(namesOf);
  } catch {
    return [];
  }
}

/** The event that tells a device's names. @param ns since the recording's origin */
export function deviceEvent({ rdev, uverbs, name }: DeviceNames, ns: number): DeviceEvent {
  const { pid } = process;
  return { what: 'device', n: 0, ns, cpu: 0, seq: 0, pid, tid: pid, comm: 'umaptrace', rdev, uverbs, name };
}
