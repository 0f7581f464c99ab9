import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordingBytes } from '../../src/recording/file.ts';
import { readRecording } from '../../src/recording/read.ts';
import { openRecording } from '../../src/recording/write.ts';
import { type WholeItem, whole } from './items.ts';
import { unplug } from './unplug.ts';

const MINE = { force: true, owner: null };
const zstd = Reflect.has(zlib, 'createZstdCompress');
const names = ['a.rec', 'a.rec.gz', ...(zstd ? ['a.rec.zst'] : [])];

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'umaptrace-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function items(path: string): Promise<WholeItem[]> {
  const all: WholeItem[] = [];
  for await (const batch of readRecording(recordingBytes(path))) all.push(...whole(batch));
  return all;
}

/** Writes the sample line by line. */
async function write(path: string, times = 1): Promise<void> {
  const writer = await openRecording(path, MINE);
  const [header = '', ...lines] = unplug().text.split(/(?<=\n)/);
  await writer.write(header);
  for (let i = 0; i < times; i++) {
    for (const line of lines) await writer.write(line);
    if (times > 1) await sleep(2);
  }
  expect(await writer.close()).toMatchObject({ error: null });
}

describe.each(names)('%s', (name) => {
  it('is read back as it was written', async () => {
    await write(at(name));
    await writeFile(at('plain'), unplug().bytes);
    expect(await items(at(name))).toEqual(await items(at('plain')));
  });

  it('is read up to where it was cut', async () => {
    await write(at(name));
    const bytes = await readFile(at(name));
    const whole = await items(at(name));
    let most = 0;
    for (let cut = bytes.length; cut > bytes.length / 3; cut -= 97) {
      await writeFile(at('cut'), bytes.subarray(0, cut));
      const read = (await items(at('cut')).catch(() => [])).filter(({ kind }) => kind !== 'unreadable');
      expect(read).toEqual(whole.slice(0, read.length));
      most = Math.max(most, read.length);
    }
    expect(most).toBeGreaterThanOrEqual(whole.length - 1);
  });

  it('has each write in the file at once', async () => {
    const writer = await openRecording(at(name), MINE);
    await writer.place();
    const [header = '', first = ''] = unplug().text.split(/(?<=\n)/);
    await writer.write(header + first);
    await expect.poll(async () => (await items(at(name))).length).toBe(2);
    await writer.close();
  });
});

describe('a compressed recording', () => {
  it('that is damaged is read up to there, and says so', async () => {
    await write(at('b.gz'), 60);
    const bytes = await readFile(at('b.gz'));
    bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 40);
    await writeFile(at('b.gz'), bytes);
    const read = await items(at('b.gz'));
    expect(read[0]?.kind).toBe('header');
    expect(read.some((item) => item.kind === 'note' && /damaged from here on/.test(item.text))).toBe(true);
  });

  it('that only claims to be one is refused', async () => {
    await writeFile(at('c.gz'), Buffer.from([0x1f, 0x8b, 1, 2, 3, 4]));
    await expect(items(at('c.gz'))).rejects.toMatchObject({ exitCode: 2 });
  });

  it.skipIf(zstd)('of a kind that this Node lacks is refused before a file is made', async () => {
    await expect(openRecording(at('d.zst'), MINE)).rejects.toMatchObject({ exitCode: 2 });
    await expect(readFile(at('d.zst'))).rejects.toThrow();
    await writeFile(at('e.zst'), Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]));
    await expect(items(at('e.zst'))).rejects.toMatchObject({ hint: expect.stringContaining('zstd -d') });
  });
});
