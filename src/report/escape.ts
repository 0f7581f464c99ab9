/** Makes text that a program chose (a comm, a device's name) inert: nothing in it reaches a terminal as a command. */

/**
 * What is not shown as it is: controls, formats (bidi overrides among them), unassigned and
 * private characters, lone surrogates; line and paragraph ends; blanks other than the
 * space; marks, which would join the text before; what fonts leave out; and the backslash,
 * so that an escape cannot be feigned.
 */
const HIDDEN = /[\p{C}\p{Z}\p{M}\p{Default_Ignorable_Code_Point}\\]/gu;
/** Needs no look at what Unicode says of it. */
const PLAIN = /^[ -[\]-~]*$/;
const SHORT: Readonly<Record<string, string>> = {
  ' ': ' ',
  '\\': '\\\\',
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
};

const escapeOne = (character: string): string => {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
};

/** The text with everything that is invisible, or acts on a terminal, as a visible escape. */
export function escapeText(text: string): string {
  return PLAIN.test(text) ? text : text.replace(HIDDEN, escapeOne);
}

/** The same for the lines of a message, parts of which may have been escaped before. */
export const escapeLines = (text: string): string => text.replace(/[^\\\n]+/g, escapeText);

const PRINTABLE = /^[ -~]*$/;
const RISKY_IN_JSON = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

const escapeUnits = (character: string): string =>
  Array.from({ length: character.length }, (_, i) => {
    return `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }).join('');

/** JSON of a value, on one line, that is safe to print on a terminal: the same value, more escapes. */
export function jsonText(value: unknown): string {
  const json = JSON.stringify(value);
  return PRINTABLE.test(json) ? json : json.replace(RISKY_IN_JSON, escapeUnits);
}
