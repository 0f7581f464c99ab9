import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The text of a file, without blanks at its ends; null when it is not there or not to be read. */
export function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

/** The number that a file holds. */
export function numberIn(path: string): number | null {
  const text = textOf(path);
  return text === null || !/^-?\d+$/.test(text) ? null : Number(text);
}

/** Whether a file holds 1, not 0. */
export function flagIn(path: string): boolean | null {
  const number = numberIn(path);
  return number === null ? null : number !== 0;
}

/** Names in a folder. */
export function namesIn(folder: string): string[] | null {
  try {
    return readdirSync(folder).sort();
  } catch {
    return null;
  }
}

export const isThere = (path: string): boolean => existsSync(path);
