/** The types that a probe's header can give a field; {@link FIELD_TYPES} says what each means. */
export type FieldType = 'ptr' | 'addr' | 'hex' | 'pte' | 'u64' | 'u32' | 'errno' | 'dev' | 'str32';

/** What a field of each type is, in the recording and in memory. */
export const FIELD_TYPES: Record<FieldType, { words: number; tsType: string; meaning: string }> = {
  ptr: { words: 1, tsType: 'string', meaning: 'kernel address, hex digits; `0` is NULL' },
  addr: { words: 1, tsType: 'number', meaning: 'user address in bytes, page-aligned' },
  hex: { words: 1, tsType: 'string', meaning: 'bit mask, hex digits' },
  pte: { words: 1, tsType: 'string', meaning: 'page table entry of x86-64, hex digits; `0` is none' },
  u64: { words: 1, tsType: 'number', meaning: 'number below 2^53' },
  u32: { words: 1, tsType: 'number', meaning: 'number below 2^32' },
  errno: { words: 1, tsType: 'number', meaning: '0 or a negative errno, as the low 32 bits' },
  dev: { words: 1, tsType: 'number', meaning: 'kernel dev_t: major << 20 | minor' },
  str32: { words: 4, tsType: 'string', meaning: 'text, 32 bytes as four little-endian words' },
};

/** One field of an event, as the header of its probe declares it. */
export interface FieldDeclaration {
  readonly name: string;
  readonly type: FieldType;
  readonly text: string;
  /** Format of recordings that it came with; lines of older ones may end before it, and it is 0 then. */
  readonly since: number;
}

/** One event, as the header of its probe declares it. */
export interface EventDeclaration {
  readonly name: string;
  readonly tag: string;
  readonly text: string;
  /** Kernel functions it is seen at, for people; the plan reads them from the probes themselves. */
  readonly functions: readonly string[];
  /** What a recording without this event cannot show. */
  readonly without: string;
  readonly fields: readonly FieldDeclaration[];
}

/** Words that the lines of an event have after its head: the fields that each of these formats has for certain. */
export const fieldWords = (
  { fields }: Pick<EventDeclaration, 'fields'>,
  format = Number.POSITIVE_INFINITY,
): number =>
  fields.reduce((sum, { type, since }) => sum + (since <= format ? FIELD_TYPES[type].words : 0), 0);

const isFieldType = (text: string): text is FieldType => Object.hasOwn(FIELD_TYPES, text);

interface Draft {
  name: string;
  tag: string;
  text: string;
  functions: string[];
  without: string;
  fields: FieldDeclaration[];
}

const readers: Record<string, (rest: string, draft: Draft) => void> = {
  function: (rest, draft) => draft.functions.push(...rest.split(/\s*[,|]\s*/)),
  without: (rest, draft) => {
    draft.without = rest;
  },
  field: (rest, draft) => addField(rest, 1, draft),
  since: (rest, draft) => {
    const [, format = '', field = ''] = /^(\d+) (.+)$/.exec(rest) ?? [];
    addField(field, Number(format), draft);
  },
};

function addField(declared: string, since: number, { name: event, fields }: Draft): void {
  const [, name = '', type = '', text = ''] = /^(\w+) (\w+) (.+)$/.exec(declared) ?? [];
  if (!isFieldType(type)) throw new Error(`event ${event}: cannot read the field "${declared}"`);
  if (since < (fields.at(-1)?.since ?? 1))
    throw new Error(`event ${event}: ${name} stands after newer fields`);
  fields.push({ name, type, text, since });
}

/**
 * The events that the header of a probe file declares.
 * @throws Error when a line that begins with `@` cannot be understood.
 */
export function parseDeclarations(source: string): EventDeclaration[] {
  const drafts: Draft[] = [];
  for (const [, word = '', rest = ''] of source.matchAll(/^ \* @(\w+) (.+)$/gm)) {
    if (word === 'event') {
      const [, name = '', tag = '', text = ''] = /^(\w+) ([A-Z]{1,2}) (.+)$/.exec(rest) ?? [];
      if (name === '') throw new Error(`cannot read "@event ${rest}"`);
      drafts.push({ name, tag, text, functions: [], without: '', fields: [] });
      continue;
    }
    const draft = drafts.at(-1);
    const read = readers[word];
    if (draft === undefined || read === undefined) throw new Error(`cannot read "@${word} ${rest}"`);
    read(rest, draft);
  }
  return drafts;
}
