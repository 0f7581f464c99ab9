import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { run } from '../../src/capture/run.ts';

const RUN = new URL('../../src/capture/run.ts', import.meta.url).href;

const PATIENT = { timeout: 15_000 };

/** State and session of a process, as in /proc/PID/stat; null when it is gone. */
function stat(pid: number): { state: string; session: number } | null {
  try {
    const [state = '', , , session] =
      readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
    return { state, session: Number(session) };
  } catch {
    return null;
  }
}

describe('a program that tracing takes', () => {
  test('is the first that the OOM killer takes, and is out of the reach of a Ctrl-C', async () => {
    const child = run(['sleep', '60'], { stdin: 'ignore' });
    const pid = child.pid ?? 0;
    expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'latin1')).toBe('1000\n');
    await expect.poll(() => stat(pid)?.session, PATIENT).toBe(pid);
    child.kill('SIGKILL');
    expect((await child).signal).toBe('SIGKILL');
  });

  test('outlives a SIGTERM to all processes of a service, and ends when its time is over', async () => {
    const began = performance.now();
    const child = run(['sleep', '60'], { stdin: 'ignore', timeout: 2000 });
    await expect.poll(() => readFileSync(`/proc/${child.pid}/comm`, 'latin1'), PATIENT).toBe('sleep\n');
    child.kill('SIGTERM');
    expect(await child).toMatchObject({ timedOut: true, signal: 'SIGKILL' });
    expect(performance.now() - began).toBeGreaterThan(1900);
  });

  test('ends with this process, even when that is killed', async () => {
    const parent = execa(
      process.execPath,
      [
        ...['--import', 'tsx', '--input-type=module', '-e'],
        `import { run } from '${RUN}'; const child = run(['sleep', '60'], { stdin: 'ignore' }); console.log(child.pid);`,
      ],
      { reject: false, buffer: false },
    );
    const pid = Number(String(await once(parent.stdout, 'data')));
    await expect.poll(() => readFileSync(`/proc/${pid}/comm`, 'latin1'), PATIENT).toBe('sleep\n');
    parent.kill('SIGKILL');
    await parent;
    await expect.poll(() => stat(pid)?.state ?? 'gone', PATIENT).toMatch(/gone|Z/);
  });
});
