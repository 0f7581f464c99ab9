/** Readers for options that several verbs have. */
import { InvalidArgumentError } from '@commander-js/extra-typings';

/** A pid. */
export function pid(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('A pid is a number above 0.');
  return Number(text);
}

/** The name of a ufile or VMA, with its letter in capitals. */
export const objectName =
  (letter: 'U' | 'V') =>
  (text: string): string => {
    const name = text.toUpperCase();
    if (!new RegExp(`^${letter}\\d+$`).test(name)) {
      throw new InvalidArgumentError(`Such a name is ${letter} and a number: ${letter}1.`);
    }
    return name;
  };
