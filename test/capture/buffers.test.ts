import { expect, test } from 'vitest';
import { bufferEnvironment, eventBuffers } from '../../src/capture/buffers.ts';

const GIB = 2 ** 30;

test.each([
  { cpus: 1, memory: 64 * GIB, pages: 16_384 },
  { cpus: 2, memory: 2 * GIB, pages: 16_384 },
  { cpus: 2, memory: GIB / 2, pages: 4096 },
  { cpus: 12, memory: 64 * GIB, pages: 2048 },
  { cpus: 512, memory: 1024 * GIB, pages: 64 },
])('the buffer of each of $cpus CPUs has $pages pages', ({ pages, ...machine }) => {
  const buffers = eventBuffers(machine);
  expect(buffers.cpus).toBe(machine.cpus);
  expect(bufferEnvironment(buffers)).toEqual({ BPFTRACE_PERF_RB_PAGES: `${pages}` });
});
