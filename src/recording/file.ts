/** Opens a recording to be read. */
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '../exit.ts';
import { UserError } from '../user-error.ts';
import { decompressed } from './compress.ts';

/** Bytes read at once. */
const CHUNK = 1 << 18;

/** A file that cannot be read; the message names it. */
export class FileError extends UserError {}

function cannotRead(path: string, error: unknown): FileError {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'ENOENT') {
    const hint = 'record one with: sudo umaptrace record, or name the file';
    return new FileError(`there is no file ${path}`, { exitCode: EXIT.usage, hint, cause: error });
  }
  const why =
    code === 'EACCES' ? 'permission denied' : error instanceof Error ? error.message : String(error);
  return new FileError(`cannot read ${path}: ${why}`, { exitCode: EXIT.usage, cause: error });
}

/**
 * The bytes of a file, in chunks, decompressed; of standard input when `path` is `-`.
 * @throws FileError when it is not there, cannot be read, or is a folder
 */
export async function* recordingBytes(path: string): AsyncGenerator<Buffer, void, void> {
  try {
    if (path !== '-' && (await stat(path)).isDirectory()) {
      throw new FileError(`${path} is a folder, not a recording`, { exitCode: EXIT.usage });
    }
    yield* decompressed(path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK }));
  } catch (error) {
    throw error instanceof UserError ? error : cannotRead(path, error);
  }
}

/** A recording that can be read more than once. */
export interface Rereadable {
  readonly path: string;
  /** To be called when it is not read any more. */
  release(): Promise<void>;
}

/** Whether each reading of it begins at its first byte; what is not there is told by whoever reads it. */
export async function canBeReread(path: string): Promise<boolean> {
  const found = path === '-' ? null : await stat(path).catch(() => undefined);
  return found === undefined || found?.isFile() === true || found?.isDirectory() === true;
}

/** A file that has no name: it is gone when it is closed, however this process ends. */
async function unnamed(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'umaptrace-'));
  try {
    return await open(join(folder, 'recording'), 'wx+', 0o600);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Standard input or a pipe is copied, as it is, to a file that nobody else can read. */
export async function rereadable(path: string): Promise<Rereadable> {
  if (await canBeReread(path)) return { path, release: async () => {} };
  const copy = await unnamed();
  try {
    await writeFile(copy, path === '-' ? process.stdin : createReadStream(path));
    return { path: `/proc/self/fd/${copy.fd}`, release: () => copy.close() };
  } catch (error) {
    await copy.close();
    throw cannotRead(path, error);
  }
}
