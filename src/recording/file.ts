/** Opens a recording to be read. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { UserError } from '../user-error.ts';
import { decompressed } from './compress.ts';

const CANNOT = 2;
/** Bytes read at once. */
const CHUNK = 1 << 18;

function cannotRead(path: string, error: unknown): UserError {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'ENOENT') {
    const hint = 'record one with: sudo umaptrace record, or name the file';
    return new UserError(`there is no file ${path}`, { exitCode: CANNOT, hint, cause: error });
  }
  const why =
    code === 'EACCES' ? 'permission denied' : error instanceof Error ? error.message : String(error);
  return new UserError(`cannot read ${path}: ${why}`, { exitCode: CANNOT, cause: error });
}

/**
 * The bytes of a file, in chunks, decompressed; of standard input when `path` is `-`.
 * @throws UserError when it is not there, cannot be read, or is a folder
 */
export async function* recordingBytes(path: string): AsyncGenerator<Buffer, void, void> {
  try {
    if (path !== '-' && (await stat(path)).isDirectory()) {
      throw new UserError(`${path} is a folder, not a recording`, { exitCode: CANNOT });
    }
    yield* decompressed(path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK }));
  } catch (error) {
    throw error instanceof UserError ? error : cannotRead(path, error);
  }
}
