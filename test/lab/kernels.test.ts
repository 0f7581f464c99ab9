import { describe, expect, it } from 'vitest';
import { baseSuite, findKernel, KERNELS, newestKernelPackage, runsIn, USERLANDS } from '../../lab/kernels.ts';

describe('newestKernelPackage', () => {
  const names = [
    'linux-image-6.12.94+deb13-amd64',
    'linux-image-6.12.107+deb13-amd64',
    'linux-image-6.12.107+deb13-rt-amd64',
    'linux-image-6.12.107+deb13-cloud-amd64',
    'linux-image-6.12.200+deb13-amd64-dbg',
    'linux-image-6.1.0-50-amd64',
    'linux-image-amd64',
  ];

  it('takes the newest build of the series, by number', () => {
    expect(newestKernelPackage(names, '6.12')).toBe('linux-image-6.12.107+deb13-amd64');
  });

  it('does not take 6.12 for 6.1', () => {
    expect(newestKernelPackage(names, '6.1')).toBe('linux-image-6.1.0-50-amd64');
  });

  it('finds nothing when a series has left the archive', () => {
    expect(newestKernelPackage(names, '5.10')).toBeUndefined();
  });
});

describe('the table', () => {
  it('names a user space of its own for each kernel', () => {
    for (const kernel of KERNELS) expect(USERLANDS).toContain(kernel.userland);
  });

  it('tells which kernels there are when one is not', () => {
    expect(() => findKernel('4.19')).toThrow(/5\.10, 6\.1, 6\.12/);
  });

  it('knows which suite runs what another has built', () => {
    expect(baseSuite('trixie-backports')).toBe('trixie');
    expect(runsIn('bookworm', 'sid')).toBe(true);
    expect(runsIn('bullseye', 'bookworm')).toBe(false);
    expect(runsIn('trixie-backports', 'trixie')).toBe(true);
    expect(runsIn('trixie', 'bookworm')).toBe(false);
  });
});
