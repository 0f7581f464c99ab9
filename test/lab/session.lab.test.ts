import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, openLab, runInLab } from '../../lab/boot.ts';
import { showProgress } from '../../lab/progress.ts';
import { GuestFailure } from '../../lab/session.ts';

describe('a guest that runs many commands', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await openLab({ progress: showProgress() });
  });

  afterAll(() => lab?.close());

  it('keeps stdout, stderr and status apart', async () => {
    const result = await lab.run(['sh', '-c', 'echo out; echo err >&2; exit 7']);
    expect(result).toMatchObject({ status: 7, stdout: 'out\n', stderr: 'err\n' });
  });

  it('tells of a signal as a shell does', async () => {
    expect(await lab.run(['sh', '-c', 'kill -TERM $$'])).toMatchObject({ status: 143 });
  });

  it('says which command it cannot run', async () => {
    const result = await lab.run(['no-such-command']);
    expect(result.status).toBe(127);
    expect(result.stderr).toContain('no-such-command');
  });

  it('passes words on as they are', async () => {
    const words = ['$HOME', '', "it's", 'a b', '*'];
    expect((await lab.run(['printf', '%s\\n', ...words])).stdout).toBe(`${words.join('\n')}\n`);
  });

  it('loses nothing of a long output', async () => {
    const result = await lab.run(['seq', '1', '200000']);
    expect(result.stdout.split('\n')).toHaveLength(200_001);
  });

  it('runs commands at the same time, and signals one', async () => {
    const waits = lab.start([
      'sh',
      '-c',
      'trap "echo told; exit 5" INT; echo ready; while :; do sleep 0.1; done',
    ]);
    expect((await lab.run(['echo', 'meanwhile'])).stdout).toBe('meanwhile\n');
    await lab.run(['sleep', '1']);
    waits.kill(2);
    expect(await waits.result).toMatchObject({ status: 5, stdout: 'ready\ntold\n' });
  });

  it('ends a command that takes too long, and goes on', async () => {
    expect(await lab.run(['sleep', '100'], { timeoutSeconds: 1 })).toMatchObject({
      status: 124,
      timedOut: true,
    });
    expect(await lab.run(['true'])).toMatchObject({ status: 0 });
  });

  it('does not wait for what a command left in the background', async () => {
    const result = await lab.run(['sh', '-c', 'sleep 60 & echo done']);
    expect(result.stdout).toBe('done\n');
    expect(result.seconds).toBeLessThan(30);
  });

  it('shares a folder both ways', async () => {
    await writeFile(join(lab.share, 'in'), 'from the host');
    await lab.run(['sh', '-c', 'cat /share/in > /share/out']);
    expect(await readFile(join(lab.share, 'out'), 'utf8')).toBe('from the host');
  });

  it('has rxe0 up, and puts it up and down', async () => {
    expect((await lab.run(['ibv_devinfo'])).stdout).toContain('rxe0');
    expect(await lab.run(['rxe-device', 'down'])).toMatchObject({ status: 0, stderr: '' });
    expect((await lab.run(['ls', '/sys/class/infiniband'])).stdout).toBe('');
    expect(await lab.run(['rxe-device', 'up', '--no-fixture'])).toMatchObject({ status: 0, stderr: '' });
    expect((await lab.run(['lsmod'])).stdout).not.toContain('umapfix');
    expect(await lab.run(['rxe-device', 'restart'])).toMatchObject({ status: 0, stderr: '' });
    expect((await lab.run(['lsmod'])).stdout).toContain('umapfix');
  });

  it('lets the host see what reaches the device', async () => {
    expect((await lab.run(['unplug'])).status).toBe(0);
    const memory = await readFile(lab.deviceMemory);
    expect(memory).toHaveLength(1 << 20);
    expect(memory.readUInt32LE(0)).toBe(0x900d0000);
    expect(await lab.run(['rxe-device', 'restart'])).toMatchObject({ status: 0 });
  });

  it('has a user who is not root, and sudo', async () => {
    expect((await lab.run(['sudo', '-u', 'lab', 'sh', '-c', 'id -u; sudo id -u'])).stdout).toBe('1000\n0\n');
  });
});

describe('a kernel that panics', () => {
  const command = ['sh', '-c', 'echo c > /proc/sysrq-trigger'];

  it('is an error with the lines of its log', async () => {
    const failure = await runInLab({ command, device: false }).catch((error: unknown) => error);
    if (!(failure instanceof GuestFailure)) throw new Error(`not a GuestFailure: ${failure}`);
    expect(failure.oops.join('\n')).toContain('Kernel panic - not syncing: sysrq triggered crash');
    expect(await readFile(failure.consoleLog, 'latin1')).toContain('Kernel panic');
  });

  it('is none when it was meant to', async () => {
    expect(await runInLab({ command, device: false, allowOops: true })).toMatchObject({ status: 125 });
  });
});
