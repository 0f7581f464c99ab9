import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { headerWith, inTurn, lines } from '../recording/in-turn.ts';
import { umaptrace } from './run.ts';

/** Evidence: an event is named by its line's place in the file. */
const ORDINALS = /^ +event [\d, …]+$/gm;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'umaptrace-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The recording as a bpftrace with so many buffers may have told it: if with one for each CPU, one CPU's after the other's. */
async function told(buffers: number, ordered: boolean): Promise<string> {
  const path = join(folder, `${buffers}-${ordered}.rec`);
  await writeFile(path, [headerWith(buffers), ...(ordered ? lines : inTurn(lines))].join('\n'), 'latin1');
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
    const whole = await shown(await told(2, true));
    expect(await shown(await told(2, false))).toBe(whole);
    expect(await shown(await told(1, false))).not.toBe(whole);
  },
);
