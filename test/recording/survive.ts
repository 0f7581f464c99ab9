/** What must hold whatever bytes are given: a report or one sentence, in time, and inert. */
import { Redactor } from '../../src/recording/redact.ts';
import { FORMAT_NAMES, type FormatName } from '../../src/report/formats.ts';
import type { Filters } from '../../src/report/select.ts';
import { UserError } from '../../src/user-error.ts';
import { pageModel } from '../report/html/page.ts';
import { decode } from '../report/perfetto.ts';
import { renderBytes } from '../report/render.ts';

const LONGEST_MS = 5000;
const CONTROL = /(?!\n)\p{Cc}/u;
const TAGS =
  /^(?:a|abbr|aside|b|body|button|canvas|dd|details|div|dl|dt|g|h1|h2|head|header|html|i|input|kbd|label|li|meta|noscript|output|p|section|select|span|style|summary|svg|table|tbody|td|th|thead|title|tr|ul)$/;

/** Markup of the page that is not ours. */
function liveMarkup(html: string): string | null {
  const page = html
    .replace(/<script id="data" type="text\/plain">[A-Za-z0-9+/=]*<\/script>/, '')
    .replace(/<script>[\s\S]*<\/script><\/body>/, '</body>')
    .replace(/<style>[\s\S]*?<\/style>/, '<style></style>');
  for (const [tag, name = '', attributes = ''] of page.matchAll(/<\/?([^\s>/]*)([^>]*)>?/g)) {
    if (name.toLowerCase() === '!doctype') continue;
    if (!TAGS.test(name) || /\son\w+\s*=|javascript:/i.test(attributes)) return tag;
  }
  return null;
}

const checks: Partial<Record<FormatName, (output: Buffer) => string | null>> = {
  json: (output) => {
    JSON.parse(output.toString());
    return null;
  },
  jsonl: (output) => {
    for (const line of output.toString().trimEnd().split('\n')) JSON.parse(line);
    return null;
  },
  html: (output) => {
    const html = output.toString();
    pageModel(html);
    const markup = liveMarkup(html);
    return markup === null ? null : `live markup: ${markup}`;
  },
  perfetto: (output) => {
    decode(output);
    return null;
  },
};

/** What is wrong with a report; null: nothing. Throws what the report throws. */
function wrongWith(format: FormatName, bytes: Buffer, filters: Filters = {}): string | null {
  const began = performance.now();
  const output = renderBytes(format, bytes, { filters });
  if (performance.now() - began > LONGEST_MS) return 'too slow';
  if (format !== 'perfetto' && CONTROL.test(output.toString('utf8'))) return 'a control character';
  return checks[format]?.(output) ?? null;
}

function redact(bytes: Buffer): Buffer {
  const redactor = new Redactor(Buffer.from('key'));
  return Buffer.from(redactor.push(bytes) + redactor.end());
}

function attempt(name: string, act: () => string | null): string | null {
  try {
    const wrong = act();
    return wrong === null ? null : `${name}: ${wrong}`;
  } catch (error) {
    if (error instanceof UserError && error.exitCode === 2 && !CONTROL.test(error.message)) return null;
    return `${name}: ${error instanceof Error ? error.stack : String(error)}`;
  }
}

/** What can be asked for, in ways of its own. */
const PARTS: readonly Filters[] = [{ cgroup: '*/*e*' }, { vma: 'V1' }];

/** The first thing that goes wrong with these bytes, in any format or when redacted; null: nothing. */
export function firstWrong(bytes: Buffer): string | null {
  for (const format of FORMAT_NAMES) {
    const wrong = attempt(format, () => wrongWith(format, bytes));
    if (wrong !== null) return wrong;
  }
  for (const filters of PARTS) {
    const wrong = attempt(`part ${JSON.stringify(filters)}`, () => wrongWith('text', bytes, filters));
    if (wrong !== null) return wrong;
  }
  return attempt('redact', () => wrongWith('text', redact(bytes)));
}
