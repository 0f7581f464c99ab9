import type { DeviceEvent } from '../event/events.gen.ts';
import type { KnownUfile } from './ufiles.ts';

/**
 * What the devices are called, by number. Names are read from sysfs some time after a ufile was opened, and a number
 * that has become free is given to the next device: so a ufile has the last name that its number was known by until a
 * newer one is told, and its device's removal, which tells the name itself, has the last word.
 */
export class DeviceNames {
  readonly #names = new Map<number, Pick<DeviceEvent, 'uverbs' | 'name'>>();

  /** A device's names have been read: those of all ufiles of that number whose device is not gone. */
  learn({ rdev, uverbs, name }: DeviceEvent, ufiles: Iterable<KnownUfile>): void {
    this.#names.set(rdev, { uverbs, name });
    for (const ufile of ufiles) if (ufile.rdev === rdev && !ufile.removed) this.fill(ufile);
  }

  /** Names the device of a ufile whose number is known, as far as it can be. */
  fill(ufile: KnownUfile): void {
    const names = ufile.rdev === null ? undefined : this.#names.get(ufile.rdev);
    if (names === undefined) return;
    ufile.device = names.name;
    ufile.uverbs = names.uverbs;
  }

  /** A ufile's device is being removed. @param name the device's; empty where the kernel does not tell */
  settle(ufile: KnownUfile, name: string): void {
    ufile.removed = true;
    if (name !== '') ufile.device = name;
  }
}
