import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordingBytes } from '../../src/recording/file.ts';
import { readRecording } from '../../src/recording/read.ts';
import { Dice } from './mutate.ts';

const KILLS = 100;
const AT_ONCE = 2;
/** What may be missing: events of so long before the writer's last sign of life (a loaded machine may not let it run at all). */
const LOSS_MS = 100;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'umaptrace-'));
  await build({
    entryPoints: [fileURLToPath(new URL('killed-writer.ts', import.meta.url))],
    outfile: join(folder, 'writer.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the writer for some ms after its first event. Resolves with what it was given: ordinals with their times. */
async function writeAndKill(path: string, ms: number): Promise<[number, number][]> {
  const child = spawn(process.execPath, [join(folder, 'writer.mjs'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  const begun = new Promise<void>((resolve) => {
    child.stdout.on('data', (text: Buffer) => {
      said += text;
      resolve();
    });
  });
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
  await begun;
  await sleep(ms);
  child.kill('SIGKILL');
  await closed;
  return said
    .split('\n')
    .slice(0, -1)
    .map((line): [number, number] => {
      const [n = 0, when = 0] = line.split(' ').map(Number);
      return [n, when];
    });
}

async function eventsIn(path: string): Promise<number> {
  let events = 0;
  for await (const batch of readRecording(recordingBytes(path))) {
    for (const item of batch) if (item.kind === 'event') events++;
  }
  return events;
}

it(`loses at most the last ${LOSS_MS} ms when killed, at any of ${KILLS} moments`, {
  timeout: 240_000,
  retry: 2,
}, async () => {
  const dice = new Dice(4);
  const jobs = Array.from({ length: KILLS }, (_, i) => ({
    path: join(folder, `${i}.rec${i % 2 === 0 ? '' : '.gz'}`),
    ms: dice.below(150),
  }));
  const one = async (): Promise<void> => {
    for (let job = jobs.pop(); job !== undefined; job = jobs.pop()) {
      const given = await writeAndKill(job.path, job.ms);
      const alive = given.at(-1)?.[1] ?? 0;
      const due = given.filter(([, when]) => when <= alive - LOSS_MS).length;
      const read = await eventsIn(job.path);
      expect(read).toBeGreaterThanOrEqual(due);
      expect(read).toBeLessThanOrEqual((given.at(-1)?.[0] ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
});
