import { expect, test } from 'vitest';
import { bufferEnvironment, eventBuffers } from '../../src/capture/buffers.ts';

const GIB = 2 ** 30;

test.each([
  { shared: true, cpus: 2, memory: 2 * GIB, count: 1, pages: 16_384 },
  { shared: true, cpus: 16, memory: 32 * GIB, count: 1, pages: 32_768 },
  { shared: true, cpus: 512, memory: 1024 * GIB, count: 1, pages: 65_536 },
  { shared: true, cpus: 2, memory: GIB / 4, count: 1, pages: 4096 },
  { shared: false, cpus: 2, memory: 2 * GIB, count: 2, pages: 4096 },
  { shared: false, cpus: 2, memory: GIB / 4, count: 2, pages: 2048 },
  { shared: false, cpus: 128, memory: 64 * GIB, count: 128, pages: 512 },
  { shared: false, cpus: 512, memory: 1024 * GIB, count: 512, pages: 2048 },
])('$cpus CPUs, shared $shared: $count of $pages pages', ({ shared, count, pages, cpus, memory }) => {
  const buffers = eventBuffers(shared, { cpus: () => cpus, memory });
  expect(buffers.count).toBe(count);
  expect(bufferEnvironment(buffers)).toEqual({ BPFTRACE_PERF_RB_PAGES: `${pages}` });
});
