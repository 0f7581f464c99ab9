/** Writes what is derived from the headers of probes/*.bt: event types, decoder, and the probes as text. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { RULES } from '../src/check/rules.ts';
import {
  type EventDeclaration,
  FIELD_TYPES,
  type FieldDeclaration,
  parseDeclarations,
} from '../src/event/declaration.ts';
import { rulesPage } from '../src/report/explain.ts';
import { recordingDoc } from './recording-doc.ts';

const root = new URL('../', import.meta.url);

const interfaceName = (event: EventDeclaration): string =>
  `${event.name.replace(/(^|_)(\w)/g, (_, __, letter: string) => letter.toUpperCase())}Event`;

const fieldType = (field: FieldDeclaration): string =>
  `  /** ${field.text} (${FIELD_TYPES[field.type].meaning}) */\n  readonly ${field.name}: ${FIELD_TYPES[field.type].tsType};`;

const eventInterface = (event: EventDeclaration): string =>
  [
    `/** ${event.text} */`,
    `export interface ${interfaceName(event)} extends EventHead {`,
    `  readonly what: '${event.name}';`,
    ...event.fields.map(fieldType),
    '}',
  ].join('\n');

const reader: Record<FieldDeclaration['type'], (at: number) => string> = {
  ptr: (at) => `t.digits(h, p + ${at})`,
  hex: (at) => `t.digits(h, p + ${at})`,
  pte: (at) => `t.digits(h, p + ${at})`,
  addr: (at) => `numberAt(h, p + ${at})`,
  u64: (at) => `numberAt(h, p + ${at})`,
  u32: (at) => `numberAt(h, p + ${at})`,
  dev: (at) => `numberAt(h, p + ${at})`,
  errno: (at) => `int32At(h, p + ${at})`,
  str32: (at) => `t.text(h, p + ${at}, 4)`,
};

/** Halves of the words of every event before its fields: cpu seq ns pid tid comm comm. */
const HEAD_HALVES = 14;

function decoder(event: EventDeclaration): string {
  let at = HEAD_HALVES;
  const fields = event.fields.map(({ name, type }) => {
    const field = `${name}: ${reader[type](at)}`;
    at += 2 * FIELD_TYPES[type].words;
    return field;
  });
  const members = [
    `what: '${event.name}'`,
    'n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq',
    'pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c',
    ...fields,
  ];
  return `  (l, c, h, p, t): ${interfaceName(event)} => ({ ${members.join(', ')} }),`;
}

/** The text of src/event/events.gen.ts for these declarations. */
export function eventModule(events: readonly EventDeclaration[]): string {
  const names = events.map(interfaceName);
  return `// Generated from probes/*.bt by "npm run generate". Do not edit.
import type { EventDeclaration } from './declaration.ts';
import type { EventHead } from './event.ts';
import { int32At, numberAt, type WordTexts } from './words.ts';

${events.map(eventInterface).join('\n\n')}

export type UmapEvent =\n  | ${names.join('\n  | ')};

/** Every event that a recording can hold, as its probe declares it. */
export const EVENTS: readonly EventDeclaration[] = ${JSON.stringify(events, null, 2)};

type Placed = Pick<EventHead, 'n' | 'ns' | 'cpu' | 'seq'>;
type Decoder = (line: Placed, comm: string, halves: Uint32Array, place: number, texts: WordTexts) => UmapEvent;

/** What makes each of {@link EVENTS} of the words of its line, whose halves begin at a place. */
export const DECODERS: readonly Decoder[] = [
${events.map(decoder).join('\n')}
];
`;
}

/** The text of src/plan/probes.gen.ts: the probes, so that the bundle carries them. */
export function probeModule(probes: Record<string, string>): string {
  return `// Generated from probes/*.bt by "npm run generate". Do not edit.

/** The probe files, by name. */
export const PROBES: Readonly<Record<string, string>> = ${JSON.stringify(probes, null, 2)};
`;
}

/** The probe files of the project, by name, in the order of their names. */
export function readProbes(): Record<string, string> {
  const folder = new URL('probes/', root);
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.bt'))
    .sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));
}

/** A source for the browser with all that it imports, as one text. */
function bundled(path: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL(path, root))],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: ['chrome110', 'firefox115', 'safari16.4'],
    legalComments: 'none',
    charset: 'ascii',
    logLevel: 'warning',
  });
  return outputFiles.map(({ text }) => text.trim()).join('');
}

/** The text of src/report/html/page.gen.ts: the script and the style of the HTML report's page. */
function pageModule(): string {
  const script = bundled('src/report/html/page/main.ts').replaceAll('</', '<\\/');
  const style = bundled('src/report/html/page/style.css');
  return `// Generated from src/report/html/page/ by "npm run generate". Do not edit.

export const PAGE_SCRIPT = ${JSON.stringify(script)};

export const PAGE_STYLE = ${JSON.stringify(style)};
`;
}

/** Every generated file with its text, by path from the root. */
export function generated(): Record<string, string> {
  const probes = readProbes();
  const events = Object.values(probes).flatMap(parseDeclarations);
  const tags = events.map((event) => event.tag);
  if (new Set(tags).size !== tags.length) throw new Error('two events have the same tag');
  return {
    'src/event/events.gen.ts': eventModule(events),
    'src/plan/probes.gen.ts': probeModule(probes),
    'src/report/html/page.gen.ts': pageModule(),
    'docs/recording.md': recordingDoc(probes),
    'docs/rules.md': rulesPage(RULES),
  };
}

if (import.meta.filename === process.argv[1]) {
  for (const [path, content] of Object.entries(generated())) writeFileSync(new URL(path, root), content);
}
