/** A terminal, written to without waiting for it. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ByteSink, streamSink } from '../recording/write.ts';
import type { OutputStream } from './context.ts';

const RETRY_MS = 20;

const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EAGAIN';

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const written = await file.write(bytes, at).catch((error: unknown) => {
      if (!isFull(error)) throw error;
      return null;
    });
    if (written === null) await sleep(RETRY_MS);
    else at += written.bytesWritten;
  }
}

/**
 * Where live output goes. Node writes to a terminal synchronously, so that one which is stopped (Ctrl-S) would stop
 * the whole trace, and its recording. It is therefore opened once more, for writes that never wait.
 */
export async function liveSink(stream: OutputStream): Promise<ByteSink> {
  if (stream.isTTY !== true || stream.fd === undefined) return streamSink(stream);
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  const path = `/proc/self/fd/${stream.fd}`;
  const file = await open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY).catch(() => null);
  if (file === null) return streamSink(stream);
  return { write: (bytes) => writeAll(file, bytes), close: () => file.close() };
}
