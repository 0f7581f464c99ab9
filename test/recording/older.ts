import { FIELD_TYPES, fieldWords } from '../../src/event/declaration.ts';
import { EVENTS } from '../../src/event/events.gen.ts';

const HEAD_WORDS = 8;
const DECLARED = new Map(EVENTS.map((event) => [event.tag, event]));

/** The same recording as an older version wrote it: its event lines end before the fields that are newer. */
export function older(recording: string, format: number): string {
  const lines = recording.split('\n').map((line) => {
    const [tag = '', ...words] = line.split(' ');
    const event = DECLARED.get(tag);
    if (event === undefined) return line;
    return [tag, ...words.slice(0, HEAD_WORDS - 1 + fieldWords(event, format))].join(' ');
  });
  return lines.join('\n').replace(/"format":\d+/, `"format":${format}`);
}

/** The same recording, with nothing known that is newer than a format. */
export function unknowing(recording: string, format: number): string {
  const lines = recording.split('\n').map((line) => {
    const [tag = '', ...words] = line.split(' ');
    const event = DECLARED.get(tag);
    if (event === undefined) return line;
    let at = HEAD_WORDS - 1;
    for (const { type, since } of event.fields) {
      const to = at + FIELD_TYPES[type].words;
      if (since > format) words.fill('0', at, to);
      at = to;
    }
    return [tag, ...words].join(' ');
  });
  return lines.join('\n');
}
