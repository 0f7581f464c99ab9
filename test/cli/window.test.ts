import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { umaptrace } from './run.ts';

/** 14 s of two CPUs. */
const RECORDING = new URL('../golden/recordings/chaos-6.12.rec.gz', import.meta.url);
/** Evidence: an event is named by its line's place in the file. */
const ORDINALS = /^ +event [\d, …]+$/gm;
const EVENT = /^[A-Z]{1,2} ([0-9a-f]+) /;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'umaptrace-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The recording as a bpftrace with so many buffers may have told it: if with one for each CPU, one CPU's after the other's. */
async function told(buffers: number, inTurn: boolean): Promise<string> {
  const [header = '', ...lines] = gunzipSync(readFileSync(RECORDING)).toString('latin1').split('\n');
  const cpuOf = (line: string): number => Number.parseInt(EVENT.exec(line)?.[1] ?? 'ff', 16);
  if (inTurn) lines.sort((a, b) => cpuOf(a) - cpuOf(b));
  const begin = header.replace(/^\{/, `{"buffers":{"count":${buffers},"bytes":16777216},`);
  const path = join(folder, `${buffers}-${inTurn}.rec`);
  await writeFile(path, [begin, ...lines].join('\n'), 'latin1');
  return path;
}

test.each(['report', 'report --ufile U7', 'report --at +3s', 'check'])(
  '%s: what was told CPU after CPU is put in order',
  async (words) => {
    const [verb = '', ...args] = words.split(' ');
    const shown = async (path: string): Promise<string> => {
      const { stdout } = await umaptrace([verb, path, ...args]);
      return stdout.replaceAll(path, 'FILE').replace(ORDINALS, '');
    };
    const whole = await shown(await told(2, false));
    expect(await shown(await told(2, true))).toBe(whole);
    expect(await shown(await told(1, true))).not.toBe(whole);
  },
);
