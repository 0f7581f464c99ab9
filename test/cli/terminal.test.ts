import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Output } from '../../src/cli/output.ts';
import { liveSink } from '../../src/cli/terminal.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'umaptrace-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('writes to a terminal that is stopped without waiting, and all of it in the end', async () => {
  const path = join(folder, 'terminal');
  await execa('mkfifo', [path]);
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const stream = Object.assign(new Writable(), { isTTY: true, fd });
  const output = new Output(await liveSink(stream));
  const text = 'what happened\n'.repeat(50_000);
  output.write(text);
  output.flush();
  await sleep(200);
  expect(output.waiting).toBe(text.length);

  const reader = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let read = '';
  while (read.length < text.length) {
    const piece = await reader.read(Buffer.alloc(1 << 16)).catch(() => null);
    if (piece === null) await sleep(5);
    else read += piece.buffer.toString('latin1', 0, piece.bytesRead);
  }
  expect(read).toBe(text);
  await output.drained();
  expect(output.waiting).toBe(0);
  await output.end();
  await reader.close();
  closeSync(fd);
});
