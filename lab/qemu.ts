import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { environment } from './host.ts';
import type { KernelImage } from './image.ts';

/** icount: emulated, on a clock on which an instruction takes 1 ns, whatever else the host does. */
export type Accelerator = 'kvm' | 'tcg' | 'icount';

/** A folder of the host that the guest can mount by its tag. */
export type SharedFolder = { readonly tag: string; readonly path: string; readonly writable?: boolean };

/** A machine to start. */
export type Machine = {
  readonly image: Pick<KernelImage, 'vmlinuz' | 'initrd' | 'modules'>;
  readonly root?: string;
  /** An image that is the guest's to write to, its third disk. */
  readonly disk?: string | undefined;
  readonly shared: readonly SharedFolder[];
  readonly console: string;
  readonly deviceMemory?: string;
  readonly accelerator: Accelerator;
  /** Words for the kernel's command line. */
  readonly words: readonly string[];
  readonly memoryMegabytes: number;
};

/** A started QEMU: its stdin and stdout are the guest's virtio port. */
export type Qemu = ChildProcessByStdio<Writable, Readable, Readable>;

/** The size of the memory behind the fixture's device. */
const DEVICE_MEMORY_BYTES = 1 << 20;

/** Starts QEMU so that it dies with this process, even by SIGKILL. */
export function startQemu(machine: Machine): Qemu {
  const args = ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...qemuArguments(machine)];
  return spawn('setpriv', args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
}

/**
 * Words for a kernel that is emulated. QEMU translates code for the virtual address that it runs at: where a library is loaded at
 * another one in each process, each start of a program is translated anew. A bpftrace that does next to nothing takes 0.8 s so,
 * and 2.5 s with random addresses.
 */
const EMULATED = ['norandmaps'];

/** The arguments of QEMU for a machine. */
function qemuArguments(machine: Machine): string[] {
  // -no-reboot with panic=-1: a kernel that panics ends QEMU at once.
  const words = [
    'console=ttyS0',
    'panic=-1',
    'nowatchdog',
    'no_hash_pointers',
    'loglevel=7',
    ...(machine.accelerator === 'kvm' ? [] : EMULATED),
    ...machine.words,
  ];
  return [
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'],
    ...ACCELERATORS[machine.accelerator],
    ...['-m', String(machine.memoryMegabytes), '-smp', '2'],
    // Threads have names: bench/vcpu.ts looks for that of a CPU.
    ...['-name', 'lab,debug-threads=on'],
    ...['-kernel', machine.image.vmlinuz, '-initrd', machine.image.initrd, '-append', words.join(' ')],
    ...['-chardev', `file,id=console,path=${quoted(machine.console)}`, '-serial', 'chardev:console'],
    ...['-chardev', 'stdio,id=agent,signal=off', '-device', 'virtio-serial-pci'],
    ...['-device', 'virtserialport,chardev=agent,name=umaptrace.lab'],
    ...(machine.root ? disk('root', machine.root, 'snapshot=on') : []),
    ...disk('modules', machine.image.modules, 'readonly=on'),
    ...(machine.disk ? disk('disk', machine.disk, 'readonly=off') : []),
    ...machine.shared.flatMap(sharedFolder),
    ...(machine.deviceMemory ? device(machine.deviceMemory) : []),
  ];
}

const ACCELERATORS: Readonly<Record<Accelerator, readonly string[]>> = {
  kvm: ['-accel', 'kvm', '-cpu', 'host'],
  tcg: ['-accel', 'tcg,thread=multi', '-cpu', 'max'],
  icount: ['-accel', 'tcg,thread=single', '-icount', 'shift=0', '-cpu', 'max'],
};

function disk(name: string, path: string, mode: string): string[] {
  const drive = `if=none,id=${name},format=raw,file=${quoted(path)},${mode}`;
  return ['-drive', drive, '-device', `virtio-blk-pci,drive=${name}`];
}

function sharedFolder(folder: SharedFolder): string[] {
  const mode = folder.writable ? '' : ',readonly=on';
  const device = `local,id=${folder.tag},path=${quoted(folder.path)},security_model=none,multidevs=remap${mode}`;
  return ['-fsdev', device, '-device', `virtio-9p-pci,fsdev=${folder.tag},mount_tag=${folder.tag}`];
}

function device(path: string): string[] {
  const memory = `memory-backend-file,id=device,share=on,mem-path=${quoted(path)},size=${DEVICE_MEMORY_BYTES}`;
  return ['-object', memory, '-device', 'ivshmem-plain,memdev=device'];
}

/** QEMU reads a comma in a value when it is doubled. */
function quoted(value: string): string {
  return value.replaceAll(',', ',,');
}
