import { expect, it } from 'vitest';
import { parseStacks } from '../../src/capture/stacks.ts';

it('reads what grep prints: comms with newlines, frames without addresses, trampolines and modules', () => {
  const printed = [
    '/proc/312/task/313/comm:x',
    '/proc/312/task/313/comm:M 1 2 3',
    '/proc/312/task/313/stack:[<0>] rdma_umap_open+0x4a/0x110 [ib_uverbs]',
    '/proc/312/task/313/stack:[<0>] bpf_trampoline_62277140247+0x5b/0x1000',
    '/proc/312/task/313/stack:[<0>] rdma_umap_open+0x5/0x110 [ib_uverbs]',
    '/proc/312/task/313/stack:[<0>] copy_process+0x1c0f/0x1c90',
    '/proc/312/task/313/stack:[<ffffffff81000000>] do_syscall_64+0x5b/0x80',
    'grep: /proc/9/task/9/stack: No such process',
    '/proc/7/task/7/comm:kworker/0:1',
    '',
  ].join('\n');
  expect(parseStacks(printed)).toEqual([
    { pid: 312, tid: 313, comm: 'x\nM 1 2 3', frames: ['rdma_umap_open', 'copy_process', 'do_syscall_64'] },
    { pid: 7, tid: 7, comm: 'kworker/0:1', frames: [] },
  ]);
});
