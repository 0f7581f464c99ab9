import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pageSizeIn, parseMounts, parseOptions } from '../../src/capture/machine/kernel.ts';
import { onPath } from '../../src/capture/machine/programs.ts';

describe('what a machine tells of itself', () => {
  it('the size of a page', () => {
    const told = execFileSync('getconf', ['PAGESIZE'], { encoding: 'latin1' });
    expect(pageSizeIn(readFileSync('/proc/self/auxv'))).toBe(Number(told));
    expect(pageSizeIn(Buffer.alloc(24))).toBeNull();
  });

  it('mounts: the point and the type, with any number of optional fields, blanks in paths', () => {
    const text = [
      '22 27 0:21 / /sys rw,nosuid - sysfs sysfs rw',
      '36 35 98:0 /mnt1 /mnt\\040two rw,noatime master:1 propagate_from:2 - ext3 /dev/root rw,errors=continue',
      '50 22 0:13 / /sys/kernel/tracing rw - tracefs tracing rw',
      '59 50 0:34 / /sys/kernel/tracing rw - tmpfs none rw',
      'not a mount',
      '',
    ].join('\n');
    expect(parseMounts(text)).toEqual([
      { point: '/sys', type: 'sysfs' },
      { point: '/mnt two', type: 'ext3' },
      { point: '/sys/kernel/tracing', type: 'tmpfs' },
    ]);
  });

  it('kernel options: those that are set', () => {
    const text =
      '# CONFIG_KPROBES is not set\nCONFIG_BPF=y\nCONFIG_RDMA_RXE=m\nCONFIG_CC_VERSION_TEXT="gcc"\n';
    expect([...parseOptions(text)]).toEqual([
      ['CONFIG_BPF', 'y'],
      ['CONFIG_RDMA_RXE', 'm'],
      ['CONFIG_CC_VERSION_TEXT', '"gcc"'],
    ]);
  });

  it('programs on PATH: with the folders in which another one would come first', () => {
    const folder = mkdtempSync(join(tmpdir(), 'umaptrace-path-'));
    const [first = '', second = '', third = ''] = ['first', 'second', 'third'].map((name) =>
      join(folder, name),
    );
    for (const each of [first, second, third]) mkdirSync(each);
    for (const each of [second, third]) {
      writeFileSync(join(each, 'setpriv'), '');
      chmodSync(join(each, 'setpriv'), 0o755);
    }
    const path = `${first}::${second}:${third}`;
    expect(onPath('setpriv', path)).toEqual([first, join(second, 'setpriv')]);
    expect(onPath('nothing', path)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});
