/** The items of a recording that was named on the command line. */
import { FileError, recordingBytes } from '../recording/file.ts';
import type { Header } from '../recording/format.ts';
import type { RecordingItem } from '../recording/item.ts';
import { readRecording } from '../recording/read.ts';
import { escapeText } from '../report/escape.ts';
import { UserError } from '../user-error.ts';

const shownFile = (file: string): string => (file === '-' ? 'standard input' : escapeText(file));

/** A problem of a recording, with the name that the user calls it. */
export function naming(error: unknown, name: string): unknown {
  if (!(error instanceof UserError) || error instanceof FileError) return error;
  const { exitCode, hint } = error;
  return new UserError(`${shownFile(name)}: ${error.message}`, {
    exitCode,
    cause: error,
    ...(hint && { hint }),
  });
}

/**
 * The batches of a file's items; problems name the file.
 * @param name what the user calls it
 */
export async function* itemsOf(
  file: string,
  name: string = file,
): AsyncGenerator<RecordingItem[], void, void> {
  try {
    yield* readRecording(recordingBytes(file));
  } catch (error) {
    throw naming(error, name);
  }
}

/** The header of a recording, and the first batch that it came with. */
export async function firstItems(
  batches: AsyncIterator<RecordingItem[], void, void>,
): Promise<[Header, RecordingItem[]]> {
  const { value } = await batches.next();
  const item = value?.[0];
  if (value === undefined || item?.kind !== 'header')
    throw new Error('a recording was read without its header');
  return [item.header, value];
}
