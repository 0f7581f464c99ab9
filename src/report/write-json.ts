/** JSON written in pieces: as one text, or as one tree of objects, a document could pass what memory can hold. */
import { jsonText } from './escape.ts';
import type { Sink } from './view.ts';

/** A value that is text already. */
export class JsonText {
  readonly text: string;

  constructor(value: object) {
    this.text = jsonText(value);
  }
}

/** A list whose members are made one by one, as they are written. */
export class LazyList<Member> {
  readonly members: () => Iterable<Member>;

  constructor(members: () => Iterable<Member>) {
    this.members = members;
  }
}

const isContainer = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0;

/** What one value consists of, by key; a list's members have none. */
function* membersOf(value: object): Generator<readonly [key: string | null, member: unknown]> {
  const list = value instanceof LazyList ? value.members() : Array.isArray(value) ? value : null;
  if (list === null) yield* Object.entries(value);
  else for (const member of list) yield [null, member];
}

/** Writes the text of a JSON value in pieces, indented down to the depth where it becomes compact. */
export function writeJson(value: unknown, compact: number, sink: Sink, depth = 0): void {
  if (value instanceof JsonText) sink(value.text);
  else if (depth < compact && isContainer(value)) writeMembers(value, compact, sink, depth);
  else sink(jsonText(value));
}

/** The text of a small document, with a newline at its end. */
export function jsonDocument(value: unknown, compact: number): string {
  let text = '';
  writeJson(value, compact, (piece) => {
    text += piece;
  });
  return `${text}\n`;
}

function writeMembers(value: object, compact: number, sink: Sink, depth: number): void {
  const [open, close] = Array.isArray(value) || value instanceof LazyList ? '[]' : '{}';
  const indent = `\n${'  '.repeat(depth)}`;
  let written = false;
  for (const [key, member] of membersOf(value)) {
    sink(`${written ? ',' : open}${indent}  ${key === null ? '' : `${jsonText(key)}: `}`);
    writeJson(member, compact, sink, depth + 1);
    written = true;
  }
  sink(written ? `${indent}${close}` : `${open}${close}`);
}
