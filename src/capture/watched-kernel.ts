import { PROBED_MODULES } from '../plan/again.ts';
import type { Kernel } from '../plan/kernel.ts';
import { runningKernel } from './kernel.ts';
import { type ModuleChanges, ModuleWatch } from './modules.ts';

const isChange = ({ came, gone }: ModuleChanges): boolean => came.size + gone.size > 0;

/** The running kernel as it is when it is asked for: it is read anew, which takes a while, when modules came or went. */
export class WatchedKernel {
  /** It looked last before the kernel was read. */
  readonly watch = new ModuleWatch(PROBED_MODULES);
  #kernel: Promise<Kernel> = runningKernel();
  #isAnew = false;

  /** @throws UserError when it has no BTF or hides its symbols */
  async now(): Promise<Kernel> {
    const kernel = await this.#kernel;
    // Also when one came while it was read: that may be a part of it already.
    if (!isChange(this.watch.look())) return kernel;
    this.#kernel = runningKernel();
    this.#isAnew = true;
    return this.now();
  }

  /** Whether it had to be read anew: who looked at its modules before may not know all of them. */
  get isAnew(): boolean {
    return this.#isAnew;
  }
}
