import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceEvent } from '../event/events.gen.ts';
import { ownHead } from './own.ts';

const FOLDER = '/sys/class/infiniband_verbs';

/** A device and its names, as sysfs has them now. */
interface Device {
  /** Kernel dev_t: major << 20 | minor. */
  readonly rdev: number;
  readonly uverbs: string;
  /** The ib device's name. */
  readonly name: string;
}

const read = (...path: string[]): string => readFileSync(join(...path), 'utf8').trim();

function deviceOf(folder: string, uverbs: string): Device[] {
  try {
    const [major = 0, minor = 0] = read(folder, uverbs, 'dev').split(':').map(Number);
    return [{ rdev: major * 2 ** 20 + minor, uverbs, name: read(folder, uverbs, 'ibdev') }];
  } catch {
    return []; // gone between the listing and the reading
  }
}

/** All devices that uverbs has now; none when ib_uverbs is not loaded. */
function listDevices(folder: string): Device[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith('uverbs'))
      .flatMap((name) => deviceOf(folder, name));
  } catch {
    return [];
  }
}

/** A ufile was opened (with the device number, after what the open returned and the ufile), or a device is leaving, or has left. */
const DEVICE_LINE = /^(?:FO(?: [0-9a-f]+){9} ([0-9a-f]+)|RB|(RE)) ?.*$/gm;

/**
 * The names of devices, each to be told once while it is there. Where one has left, the names of all that are there are
 * told anew: its number may be another's already, and lines of several CPUs do not come in the order of time.
 */
export class DeviceNames {
  readonly #folder: string;
  readonly #told = new Set<number>();

  /** @param folder where sysfs has them */
  constructor(folder = FOLDER) {
    this.#folder = folder;
  }

  /**
   * Looks at event lines.
   * @param now tells the time since the origin, ns; asked only when there is something to tell
   * @returns the events that tell the names of devices that are to be told now
   */
  see(block: Buffer, now: () => number): DeviceEvent[] {
    if (!['FO ', 'RB ', 'RE '].some((tag) => block.includes(tag))) return [];
    const events: DeviceEvent[] = [];
    for (const [, rdev, left] of block.toString('latin1').matchAll(DEVICE_LINE)) {
      if (rdev === undefined) this.#told.clear();
      const isDue = rdev === undefined ? left !== undefined : !this.#told.has(Number.parseInt(rdev, 16));
      if (isDue) events.push(...this.untold(now()));
    }
    return events;
  }

  /** The events that tell the names of devices that have not been told; they are taken to be. @param ns since the origin */
  untold(ns: number): DeviceEvent[] {
    const found = listDevices(this.#folder).filter(({ rdev }) => !this.#told.has(rdev));
    for (const { rdev } of found) this.#told.add(rdev);
    return found.map((device) => ({ ...ownHead(ns), what: 'device', ...device }));
  }
}
