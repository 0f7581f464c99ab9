import { PROBED_MODULES } from '../plan/again.ts';
import { type Kernel, runningKernel } from '../plan/kernel.ts';
import { WANTED_SYMBOLS } from '../plan/plan.ts';
import { type ModuleChanges, ModuleWatch } from './modules.ts';

const isChange = ({ came, gone }: ModuleChanges): boolean => came.size + gone.size > 0;

/** The running kernel as it is when it is asked for: it is read anew, which takes a while, when modules came or went. */
export class WatchedKernel {
  /** It looked last before the kernel was read. */
  readonly watch = new ModuleWatch(PROBED_MODULES);
  #kernel = runningKernel(WANTED_SYMBOLS);
  #isAnew = false;

  /** @throws UserError when it has no BTF or hides its symbols */
  now(): Kernel {
    // Also when one came while it was read: that is a part of it already.
    while (isChange(this.watch.look())) {
      this.#kernel = runningKernel(WANTED_SYMBOLS);
      this.#isAnew = true;
    }
    return this.#kernel;
  }

  /** Whether it had to be read anew: who looked at its modules before may not know all of them. */
  get isAnew(): boolean {
    return this.#isAnew;
  }
}
