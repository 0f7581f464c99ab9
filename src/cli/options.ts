/** Readers for options that several verbs have. */
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { CGROUP_FORMS, parseCgroup } from '../report/cgroup-filter.ts';

/** A pid. */
export function pid(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('A pid is a number above 0.');
  return Number(text);
}

/** A cgroup, by path, pattern or number. */
export function cgroup(text: string): string {
  const asked = parseCgroup(text);
  if (asked === null) throw new InvalidArgumentError(`A cgroup is ${CGROUP_FORMS}.`);
  return asked;
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
