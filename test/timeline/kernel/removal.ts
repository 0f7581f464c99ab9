import type { Kernel } from './kernel.ts';
import type { Device, Task, Ufile } from './objects.ts';

/** ib_uverbs_remove_one in steps, so that others can run in its windows. */
export class Removal {
  readonly #kernel: Kernel;
  readonly #task: Task;
  readonly #device: Device;
  readonly #left: Ufile[];

  constructor(kernel: Kernel, tid: number, device: Device) {
    this.#kernel = kernel;
    this.#task = { pid: tid, tid, comm: 'rmmod', cpu: kernel.cpuOf(tid) };
    this.#device = device;
    this.#left = [...kernel.ufiles].filter((ufile) => ufile.device === device);
    kernel.log.tell(this.#task, { what: 'remove_begin', device: device.pointer, name: device.name });
    this.#begin();
  }

  get done(): boolean {
    return this.#left.length === 0;
  }

  /** Zaps the ufile whose teardown has begun, and begins with the next; at the last, returns. */
  step(): void {
    const [ufile] = this.#left;
    if (ufile === undefined) return;
    if (ufile.ucontext !== null) this.#kernel.rdma.disassociate(this.#task, ufile);
    this.#kernel.rdma.endUcontext(this.#task, ufile);
    if (ufile.closing !== null) this.#kernel.closed(ufile.closing, ufile);
    this.#left.shift();
    this.#begin();
  }

  #begin(): void {
    const { log } = this.#kernel;
    while (this.#left[0] !== undefined && !this.#kernel.ufiles.has(this.#left[0])) this.#left.shift();
    const [ufile] = this.#left;
    if (ufile === undefined) {
      log.tell(this.#task, { what: 'remove_end', device: this.#device.pointer });
      return;
    }
    ufile.tearing = true;
    log.tell(this.#task, { what: 'teardown_begin', ufile: ufile.pointer, reason: 2 });
  }

  /** All of it, nobody else running. */
  finish(): void {
    while (!this.done) this.step();
  }
}

/** rdma_user_mmap_disassociate: mappings are revoked, the ucontexts live on. */
export function reset(kernel: Kernel, tid: number, device: Device): void {
  const task = { pid: tid, tid, comm: 'reset', cpu: kernel.cpuOf(tid) };
  kernel.log.tell(task, { what: 'reset_begin', device: device.pointer, name: device.name });
  for (const ufile of kernel.ufiles) {
    if (ufile.device === device && ufile.ucontext !== null) kernel.rdma.disassociate(task, ufile);
  }
  kernel.log.tell(task, { what: 'reset_end', device: device.pointer });
}
