/** One kernel that the lab can boot. */
export type Kernel = {
  readonly version: string;
  /** Suites that may hold it, best first: an archive moves on, and the lab follows. */
  readonly suites: readonly string[];
  /** The suite whose user space is booted with it unless another is asked for. */
  readonly userland: string;
};

/** Archives keep only the newest builds of each series, so the table names series, never exact versions. */
export const KERNELS: readonly Kernel[] = [
  // bullseye's own bpftrace, 0.11, is too old to trace with.
  { version: '5.10', suites: ['bullseye'], userland: 'bookworm' },
  { version: '6.1', suites: ['bookworm'], userland: 'bookworm' },
  { version: '6.12', suites: ['trixie'], userland: 'trixie' },
  { version: '7.2', suites: ['forky', 'sid', 'trixie-backports'], userland: 'forky' },
  { version: '7.3', suites: ['trixie-backports', 'sid'], userland: 'trixie' },
];

export const DEFAULT_KERNEL = '6.12';

/** The user spaces that the lab boots, oldest first: what is built in one runs in every later one. */
export const USERLANDS: readonly string[] = ['bookworm', 'trixie', 'forky', 'sid'];

/** The table's line for a version such as "6.12". */
export function findKernel(version: string): Kernel {
  const kernel = KERNELS.find((candidate) => candidate.version === version);
  if (kernel) return kernel;
  const known = KERNELS.map((candidate) => candidate.version).join(', ');
  throw new Error(`no kernel "${version}" in the lab's table; it has ${known}`);
}

/** The release that a suite adds to: trixie for trixie-backports. */
export function baseSuite(suite: string): string {
  return suite.replace(/-backports$/, '');
}

/** True when the lab's programs, built in one suite, run in the user space of the other. bullseye is too old to build them. */
export function runsIn(builtIn: string, userland: string): boolean {
  const age = USERLANDS.indexOf(baseSuite(builtIn));
  return age >= 0 && age <= USERLANDS.indexOf(userland);
}

/**
 * The newest stock kernel of a series among package names, or undefined.
 * Not the cloud flavour, which has no rdma_rxe, nor the real-time one.
 */
export function newestKernelPackage(names: readonly string[], version: string): string | undefined {
  const series = version.replaceAll('.', '\\.');
  const pattern = new RegExp(`^linux-image-${series}\\.[0-9.]+(\\+deb[0-9]+)?(-[0-9]+)?-amd64$`);
  return names
    .filter((name) => pattern.test(name))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1);
}
