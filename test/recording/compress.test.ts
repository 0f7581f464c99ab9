import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decompressed } from '../../src/recording/compress.ts';
import { recordingBytes } from '../../src/recording/file.ts';
import { readRecording } from '../../src/recording/read.ts';
import { openRecording } from '../../src/recording/write.ts';
import { type WholeItem, whole } from './items.ts';
import { unplug } from './unplug.ts';

const MINE = { force: true, owner: null };
const zstd = Reflect.has(zlib, 'createZstdCompress');
/** npm test runs this file by a Node that has zstd, too. */
const extensions = ['.gz', ...(zstd ? ['.zst'] : [])];
const names = ['a.rec', ...extensions.map((extension) => `a.rec${extension}`)];

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

/** Writes the sample line by line. @returns the size of the file after each line */
async function write(path: string, times = 1): Promise<number[]> {
  const writer = await openRecording(path, MINE);
  await writer.place();
  const [header = '', ...lines] = unplug().text.split(/(?<=\n)/);
  const ends: number[] = [];
  let length = 0;
  for (const line of [header, ...Array.from({ length: times }, () => lines).flat()]) {
    await writer.write(line);
    length += Buffer.byteLength(line);
    while (writer.written < length) await sleep(1);
    ends.push((await stat(path)).size);
  }
  expect(await writer.close()).toMatchObject({ error: null });
  return ends;
}

describe.each(names)('%s', (name) => {
  it('is read back as it was written', async () => {
    await write(at(name));
    await writeFile(at('plain'), unplug().bytes);
    expect(await items(at(name))).toEqual(await items(at('plain')));
  });

  it('is read up to where it was cut', async () => {
    const ends = await write(at(name));
    const bytes = await readFile(at(name));
    const whole = await items(at(name));
    expect(whole.length).toBeGreaterThan(10);
    for (let cut = bytes.length; cut > (ends[0] ?? 0); cut -= 97) {
      await writeFile(at('cut'), bytes.subarray(0, cut));
      const read = (await items(at('cut'))).filter(({ kind }) => kind !== 'unreadable');
      const written = ends.filter((end) => end <= cut).length;
      expect(read.length).toBeGreaterThanOrEqual(Math.min(written, whole.length));
      expect(read).toEqual(whole.slice(0, read.length));
    }
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

describe.each(extensions)('a recording compressed as %s', (extension) => {
  const name = `b${extension}`;

  it('that is damaged is read up to there, and says so', async () => {
    await write(at(name), 60);
    const bytes = await readFile(at(name));
    bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 40);
    await writeFile(at(name), bytes);
    const read = await items(at(name));
    expect(read[0]?.kind).toBe('header');
    expect(read.some((item) => item.kind === 'note' && /is damaged/.test(item.text))).toBe(true);
  });

  it('whose text is another one than was written has an unreadable line at the end', async () => {
    await write(at(name));
    const bytes = await readFile(at(name));
    // CRC-32 of the text, before its length; the low bytes of its XXH64, if the frame says that it has one (RFC 8878, 3.1.1.1.1).
    if (extension === '.zst') expect((bytes[4] ?? 0) & 4).toBe(4);
    const checksum = bytes.length - (extension === '.gz' ? 8 : 4);
    bytes.writeUInt32LE((bytes.readUInt32LE(checksum) ^ 1) >>> 0, checksum);
    const whole = await items(at(name));
    await writeFile(at(name), bytes);
    const read = await items(at(name));
    expect(read.slice(0, -2)).toEqual(whole.slice(0, read.length - 2));
    expect(read.slice(-2).map(({ kind }) => kind)).toEqual(['note', 'unreadable']);
  });

  it('that comes byte by byte is recognised', async () => {
    await write(at(name));
    const bytes = await readFile(at(name));
    const one = async function* (): AsyncGenerator<Buffer> {
      for (const byte of bytes) yield Buffer.of(byte);
    };
    const read: Buffer[] = [];
    for await (const piece of decompressed(one())) read.push(piece);
    expect(Buffer.concat(read).toString()).toBe(unplug().text);
  });

  it('that only claims to be one is refused', async () => {
    await write(at(name));
    const magic = (await readFile(at(name))).subarray(0, extension === '.gz' ? 2 : 4);
    await writeFile(at(name), Buffer.concat([magic, Buffer.alloc(60, 0xff)]));
    await expect(items(at(name))).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('cannot be decompressed'),
    });
  });
});

if (!zstd) {
  it('a recording of a kind that this Node lacks is refused before a file is made', async () => {
    await expect(openRecording(at('d.zst'), MINE)).rejects.toMatchObject({ exitCode: 2 });
    await expect(readFile(at('d.zst'))).rejects.toThrow();
    await writeFile(at('e.zst'), Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]));
    await expect(items(at('e.zst'))).rejects.toMatchObject({ hint: expect.stringContaining('zstd -d') });
  });
}
