import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stamped } from '../../src/capture/audit.ts';
import { findBlocker } from '../../src/capture/blocker.ts';
import { EventDecoder } from '../../src/event/codec.ts';
import { Origin } from '../../src/event/event.ts';

describe('the lines of an audit', () => {
  const LINE =
    'AV 0 0 16a7aff6c2 e2 e3 726f662d65636172 6b 0 ff01 ff02 ff03 7fbf3647f000 7fbf36481000 1 0 2 2 0 0 80000000fea00217 fea00 7fbf3647f000 0\n';

  test('are told at a time of their own, with the age of what they tell', () => {
    const read = 0x16a7aff6c2n;
    const text = stamped(LINE.repeat(2), read + 7_000_000n).toString();
    const [first, second] = text
      .split('\n')
      .map((line) => new EventDecoder(new Origin(read)).decode(line, 1));
    expect(first).toEqual(second);
    expect(first).toMatchObject({
      what: 'audit',
      ns: 7e6,
      age: 7e6,
      pid: 0xe2,
      tid: 0xe3,
      comm: 'race-fork',
    });
    expect(first).toMatchObject({ vma: 'ff01', mm: 'ff02', ufile: 'ff03', special: 2, frame: 0xfea00 });
  });

  test('are never of the future, and other lines are left alone', () => {
    const other = 'S 0 0 16a7aff6c2 e2 e3 72 6b 0 1\n';
    expect(stamped(`${LINE}${other}`, 0n).toString()).toBe(`${LINE.replace('16a7aff6c2', '0')}${other}`);
  });
});

/** A procfs of three processes; a pipe without a writer stands for a cmdline that waits for an mmap_lock. */
describe('who holds an audit up', () => {
  const proc = mkdtempSync(join(tmpdir(), 'umaptrace-proc-'));
  afterAll(() => rmSync(proc, { recursive: true }));
  for (const pid of ['17', '42', '99']) {
    mkdirSync(join(proc, pid));
    writeFileSync(join(proc, pid, 'cmdline'), 'a\0');
    writeFileSync(join(proc, pid, 'comm'), pid === '42' ? 'x\\nM 1 2\n' : 'idle\n');
    writeFileSync(
      join(proc, pid, 'stack'),
      '[<0>] umapfix_mmap+0x1/0x2\n[<0>] ib_uverbs_mmap+0x3/0x4 [ib_uverbs]\n',
    );
  }

  test('is nobody when every process answers', async () => {
    expect(await findBlocker(proc, 5000)).toBeNull();
  });

  test('is the process that does not answer, with what it is doing', async () => {
    rmSync(join(proc, '42', 'cmdline'));
    execFileSync('mkfifo', [join(proc, '42', 'cmdline')]);
    expect(await findBlocker(proc, 2000)).toEqual({
      pid: 42,
      comm: 'x\\nM 1 2',
      stack: ['umapfix_mmap', 'ib_uverbs_mmap'],
    });
  });

  test('is nobody when there are too many processes to come to all of them in time', async () => {
    const crowd = mkdtempSync(join(tmpdir(), 'umaptrace-crowd-'));
    for (let pid = 1; pid <= 2000; pid++) {
      mkdirSync(join(crowd, String(pid)));
      writeFileSync(join(crowd, String(pid), 'cmdline'), 'a'.repeat(4000));
    }
    expect(await findBlocker(crowd, 300)).toBeNull();
    rmSync(crowd, { recursive: true });
  });
});
