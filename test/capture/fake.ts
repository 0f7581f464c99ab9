/** A bpftrace whose programs are shell scripts, for tests of what runs it. */
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SnapshotProgram } from '../../src/plan/program.ts';

/**
 * Folder with an executable `bpftrace`, and an `unshare` that fails: first on PATH, it has iterators kept nowhere. The iterators that
 * bpftrace lists are what a file `iterators` there says.
 */
export interface Fake {
  readonly folder: string;
  readonly bpftrace: string;
  remove(): void;
}

export function fakeBpftrace(): Fake {
  const folder = mkdtempSync(join(tmpdir(), 'umaptrace-fake-'));
  const bpftrace = join(folder, 'bpftrace');
  writeFileSync(
    bpftrace,
    '#!/bin/sh\n[ "$1" = -l ] && exec cat "$(dirname "$0")/iterators"\nfor last; do :; done\n[ "$last" = - ] && last=$(cat)\nexec sh -c "$last"\n',
  );
  chmodSync(bpftrace, 0o755);
  symlinkSync('/bin/false', join(folder, 'unshare'));
  return { folder, bpftrace, remove: () => rmSync(folder, { recursive: true }) };
}

/**
 * A program that is attached at once and answers readiness all the time, until it is interrupted.
 * @param then is run each 20 ms
 */
export const attached = (then = ':'): string => `
  trap 'echo "@n[0]: 1"; exit 0' INT
  while :; do
    read -r uptime idle < /proc/uptime
    printf 'R 0 0 %x 1 1 0 0 0\\n' "\${uptime%.*}\${uptime#*.}0000000"
    ${then}; sleep 0.02
  done`;

/** The probes of the snapshot, by a program. */
export const snapshot = (text: string): SnapshotProgram => ({
  text,
  readiness: [],
  shared: false,
  env: {},
  way: {
    probes: [
      {
        event: 'snapshot_vma',
        function: 'task_vma',
        module: 'vmlinux',
        kind: 'iter',
        reason: 'run once, at the start',
      },
    ],
    attachment: { kind: 'iter', module: 'vmlinux', place: 'iter:task_vma', body: '' },
    reading: null,
  },
});
