/** Text shown through the user's pager. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import type { ByteSink } from '../recording/write.ts';
import { streamSink } from '../recording/write.ts';
import type { Context } from './context.ts';

const DEFAULT = 'less';

/** The words of a command line: blanks separate, quotes and backslashes keep together; no shell is asked. */
export function commandWords(line: string): string[] {
  const words = line.match(/(?:\\.|"(?:\\.|[^"])*"|'[^']*'|[^\s"'\\])+/g) ?? [];
  return words.map((word) =>
    word.replace(
      /\\(.)|"((?:\\.|[^"])*)"|'([^']*)'/g,
      (_all, one?: string, double?: string, single?: string) => {
        return one ?? double?.replace(/\\(.)/g, '$1') ?? single ?? '';
      },
    ),
  );
}

async function isProgram(name: string, path: string): Promise<boolean> {
  const places = name.includes('/') ? [name] : path.split(delimiter).map((folder) => join(folder, name));
  for (const place of places) {
    const found = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}

/** less ends by itself when all fits, keeps colours, and as root starts no shells. */
function environment(context: Context): Record<string, string> {
  const less: Record<string, string> = context.env['LESS'] === undefined ? { LESS: 'FRX' } : {};
  const secure: Record<string, string> = process.geteuid?.() === 0 ? { LESSSECURE: '1' } : {};
  return { ...less, ...secure };
}

/** Starts the pager ($PAGER, else less); null when there is none, or it is turned off. Closing it waits for it to end. */
export async function openPager(context: Context): Promise<ByteSink | null> {
  const [program, ...words] = commandWords(context.env['PAGER'] ?? DEFAULT);
  if (program === undefined || program === 'cat') return null;
  if (!(await isProgram(program, context.env['PATH'] ?? ''))) return null;
  const running = execa(program, words, {
    stdin: 'pipe',
    stdout: 'inherit',
    stderr: 'inherit',
    reject: false,
    env: environment(context),
  });
  const ignore = (): void => {};
  process.on('SIGINT', ignore);
  const sink = streamSink(running.stdin);
  return {
    write: (bytes) => sink.write(bytes),
    close: async () => {
      running.stdin.end();
      await running;
      process.off('SIGINT', ignore);
    },
  };
}
