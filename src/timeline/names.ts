import type { DeviceEvent } from '../event/events.gen.ts';
import type { Ufile } from './model.ts';

interface Names {
  readonly uverbs: string;
  readonly name: string;
  /** Whether a removal of the device has begun: its number may come back as another device. */
  gone: boolean;
}

/**
 * What the devices are called, by number. A name may come later than the ufile that needs
 * it, and after a removal the number may belong to another device: a ufile opened then
 * has the old name only until a newer one is told.
 */
export class DeviceNames {
  readonly #names = new Map<number, Names>();
  readonly #guessed = new WeakSet<Ufile>();

  /** A device's names have been read. */
  learn({ rdev, uverbs, name }: DeviceEvent, ufiles: Iterable<Ufile>): void {
    this.#names.set(rdev, { uverbs, name, gone: false });
    for (const ufile of ufiles) {
      if (ufile.rdev === rdev && (ufile.device === null || this.#guessed.has(ufile))) this.fill(ufile);
    }
  }

  /** The device of that name is being removed. */
  forget(name: string): void {
    if (name === '') return;
    for (const names of this.#names.values()) if (names.name === name) names.gone = true;
  }

  /** Names the device of a ufile whose number is known, as far as it can be. */
  fill(ufile: Ufile): void {
    const names = ufile.rdev === null ? undefined : this.#names.get(ufile.rdev);
    if (names === undefined) return;
    ufile.device = names.name;
    ufile.uverbs = names.uverbs;
    if (names.gone) this.#guessed.add(ufile);
    else this.#guessed.delete(ufile);
  }
}
