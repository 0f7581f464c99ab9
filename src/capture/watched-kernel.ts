import { PROBED_MODULES } from '../plan/again.ts';
import type { Kernel } from '../plan/kernel.ts';
import { beginKernel } from './kernel.ts';
import { type ModuleChanges, ModuleWatch } from './modules.ts';

const isChange = ({ came, gone }: ModuleChanges): boolean => came.size + gone.size > 0;

/** The running kernel as it is when it is asked for: it is read anew, which takes a while, when modules came or went. */
export class WatchedKernel {
  /** It looked last before the kernel was read. */
  readonly watch: ModuleWatch;
  readonly #begin: typeof beginKernel;
  readonly #begun: () => Promise<Kernel>;
  #kernel: Promise<Kernel> | null = null;
  #isAnew = false;

  /** Begins to read it. */
  constructor(begin = beginKernel, watch = new ModuleWatch(PROBED_MODULES)) {
    this.watch = watch;
    this.#begin = begin;
    this.#begun = begin();
  }

  /** @throws UserError when it has no BTF or hides its symbols */
  async now(): Promise<Kernel> {
    for (;;) {
      this.#kernel ??= this.#begun();
      const reading = this.#kernel;
      const kernel = await reading;
      if (isChange(this.watch.look())) {
        // Also when one came while it was read: that may be a part of it already.
        this.#kernel = this.#begin()();
        this.#isAnew = true;
      } else if (reading === this.#kernel) return kernel;
    }
  }

  /** Whether it had to be read anew: who looked at its modules before may not know all of them. */
  get isAnew(): boolean {
    return this.#isAnew;
  }
}
