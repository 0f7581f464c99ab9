/** Which form an answer has. */
import { extname } from 'node:path';
import { EXIT } from '../exit.ts';
import { escapeText } from '../report/escape.ts';
import { UserError } from '../user-error.ts';

/** Forms by name, each with the file name extensions that mean it. */
type Formats<Name extends string> = Readonly<Record<Name, { readonly extensions: readonly string[] }>>;

/** What was asked for; undefined where nothing was. */
interface Asked<Name extends string> {
  readonly format?: Name | undefined;
  readonly json?: true | undefined;
  readonly output?: string | undefined;
}

/** The form that a file name's extension means, the longest that fits; undefined when it means none. */
function byExtension<Name extends string>(
  names: readonly Name[],
  formats: Formats<Name>,
  path: string,
): Name | undefined {
  const fitting = names.flatMap((name) =>
    formats[name].extensions
      .filter((extension) => path.endsWith(extension))
      .map((extension) => ({ name, length: extension.length })),
  );
  return fitting.toSorted((a, b) => b.length - a.length)[0]?.name;
}

/**
 * The form asked for: by name, by --json, or by the extension of the output; text when nothing tells.
 * @throws UserError when these contradict each other, or an extension means nothing
 */
export function chooseFormat<Name extends string>(
  names: readonly Name[],
  formats: Formats<Name>,
  { format, json, output = '' }: Asked<Name>,
): Name | 'json' | 'text' {
  if (format !== undefined && json === true && format !== 'json') {
    throw new UserError(`--json and --format ${format} contradict each other`, { exitCode: EXIT.usage });
  }
  if (format !== undefined) return format;
  if (json === true) return 'json';
  const meant = byExtension(names, formats, output);
  if (meant !== undefined) return meant;
  const extension = extname(output);
  if (extension === '') return 'text';
  throw new UserError(`no form of it has the extension ${escapeText(extension)}`, {
    exitCode: EXIT.usage,
    hint: `say which with --format: ${names.join(', ')}`,
  });
}
