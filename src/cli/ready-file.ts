/** The file that tells others that everything is attached. */
import { access, constants, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EXIT } from '../exit.ts';
import { escapeText } from '../report/escape.ts';
import { UserError } from '../user-error.ts';

function cannotTell(path: string, error: unknown): UserError {
  const why = error instanceof Error ? error.message : String(error);
  const message = `the ready file ${escapeText(path)} cannot be written: ${escapeText(why)}`;
  return new UserError(message, { exitCode: EXIT.usage, cause: error });
}

/**
 * Makes sure, before it takes long to attach, that {@link tellReady} will be able to.
 * @throws UserError when it will not
 */
export async function requireReadyFolder(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  await access(dirname(path), constants.W_OK).catch((error: unknown) => {
    throw cannotTell(path, error);
  });
}

/**
 * The file is there at once, with its content: this process's pid.
 * @param path undefined: nobody is told
 * @throws UserError when it cannot be written
 */
export async function tellReady(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const unfinished = `${path}.${process.pid}`;
  try {
    await writeFile(unfinished, `${process.pid}\n`, { flag: 'wx' }); // never through a link that others left there
    await rename(unfinished, path);
  } catch (error) {
    throw cannotTell(path, error);
  }
}
