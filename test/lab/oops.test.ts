import { expect, it } from 'vitest';
import { findOops } from '../../lab/oops.ts';

it('finds a panic and the lines after it', () => {
  const log =
    '[ 1.0] quiet\r\n[ 6.4] Kernel panic - not syncing: sysrq triggered crash\r\n[ 6.5] CPU: 1 PID: 200\r\n';
  expect(findOops(log)).toEqual([
    '[ 6.4] Kernel panic - not syncing: sysrq triggered crash',
    '[ 6.5] CPU: 1 PID: 200',
  ]);
});

it.each([
  'BUG: kernel NULL pointer dereference, address: 0000000000000008',
  'BUG: unable to handle page fault for address: ffffffffc0a01234',
  'BUG: KASAN: slab-use-after-free in rdma_umap_close+0x12/0x40',
  'Oops: 0000 [#1] PREEMPT SMP NOPTI',
  'general protection fault, probably for non-canonical address 0xdead000000000100',
  'kernel BUG at mm/memory.c:1234!',
  'list_del corruption. prev->next should be ffff, but was 0',
])('takes it for a failure: %s', (line) => {
  expect(findOops(`[    9.1] ${line}\n`)).toHaveLength(1);
});

it.each([
  'watchdog: BUG: soft lockup - CPU#1 stuck for 26s!',
  'x86/PAT: unplug:412 freeing invalid memtype [mem 0xfe800000-0xfe800fff]',
  'INFO: task rdma:300 blocked for more than 120 seconds.',
  'umapfix: loading out-of-tree module taints kernel.',
])('does not: %s', (line) => {
  expect(findOops(`[    9.1] ${line}\n`)).toEqual([]);
});

it('does not count what is expected', () => {
  const log = '[ 1.0] BUG: Bad page map in process unplug\n[ 2.0] BUG: unable to handle page fault\n';
  expect(findOops(log, /Bad page map/)).toEqual(['[ 2.0] BUG: unable to handle page fault']);
});
