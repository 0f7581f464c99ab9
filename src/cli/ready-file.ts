/** The file that tells others that everything is attached. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { access, constants, lstat, rm } from 'node:fs/promises';
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
 * Makes sure, before it takes long to attach, that {@link tellReady} will be able to, and that no file of an earlier trace tells it
 * already.
 * @throws UserError when it will not
 */
export async function requireReadyFolder(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  try {
    await access(dirname(path), constants.W_OK);
    const found = await lstat(path).catch(() => null);
    if (found?.isDirectory() === true) throw new Error('it is a folder');
    if (found !== null) await rm(path);
  } catch (error) {
    throw cannotTell(path, error);
  }
}

/**
 * The file is there at once, with its content: this process's pid.
 * @param path undefined: nobody is told
 * @throws UserError when it cannot be written
 */
export function tellReady(path: string | undefined): void {
  if (path === undefined) return;
  const unfinished = `${path}.${process.pid}`;
  try {
    writeFileSync(unfinished, `${process.pid}\n`, { flag: 'wx' }); // never through a link that others left there
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw cannotTell(path, error);
  }
}
