/** umaptrace redact: a copy of a recording that can be shared. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { EXIT } from '../exit.ts';
import { compression } from '../recording/compress.ts';
import { recordingBytes } from '../recording/file.ts';
import { Redactor } from '../recording/redact.ts';
import { openFile, streamSink, sudoOwner } from '../recording/write.ts';
import { escapeText } from '../report/escape.ts';
import { UserError } from '../user-error.ts';
import type { Context } from './context.ts';
import { naming } from './items.ts';
import { messageOf, Output } from './output.ts';

const EXAMPLES = `
Addresses, host, boot, comms, cgroups, paths and unusual device names become
pseudonyms: the same value has the same name. Distances between addresses,
sizes, times, pids and the kernel's release stay. Lines that cannot be read
are not passed on.

Examples:
  umaptrace redact incident.rec -o share.rec
  umaptrace redact a.rec -o a2.rec --key-file key    the same names in several
  umaptrace redact b.rec -o b2.rec --key-file key    recordings`;

const KEY_BYTES = 32;

async function keyOf(path: string | undefined): Promise<Uint8Array> {
  if (path === undefined) return randomBytes(KEY_BYTES);
  const key = await readFile(path).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(`cannot read the key: ${escapeText(why)}`, { exitCode: EXIT.usage, cause: error });
  });
  if (key.length > 0) return key;
  throw new UserError(`the key ${escapeText(path)} is empty`, {
    exitCode: EXIT.usage,
    hint: `head -c ${KEY_BYTES} /dev/urandom > KEYFILE makes one`,
  });
}

async function* redacted(file: string, redactor: Redactor): AsyncGenerator<string, void, void> {
  try {
    for await (const chunk of recordingBytes(file)) yield redactor.push(chunk);
    yield redactor.end();
  } catch (error) {
    throw naming(error, file);
  }
}

const discard = async (output: Output | null): Promise<void> => output?.discard();

async function redact(file: string, redactor: Redactor, open: () => Promise<Output>): Promise<Output> {
  let output: Output | null = null;
  const pass = async (text: string): Promise<void> => {
    if (text === '') return;
    output ??= await open();
    output.write(text);
    await output.drained();
  };
  try {
    for await (const text of redacted(file, redactor)) await pass(text);
  } catch (error) {
    await discard(output);
    throw error;
  }
  const written = output ?? (await open());
  await written.end();
  return written;
}

interface Options {
  readonly output: string;
  readonly force?: true;
  readonly keyFile?: string;
}

async function run(context: Context, file: string, { output: path, force, keyFile }: Options): Promise<void> {
  const key = await keyOf(keyFile);
  const open = async (): Promise<Output> => {
    if (path === '-') return new Output(streamSink(context.stdout));
    const compress = compression(path);
    return new Output(
      compress(await openFile(path, { force: force === true, owner: sudoOwner(context.env) })),
    );
  };
  const { error } = await redact(file, new Redactor(key), open);
  if (error === null) return;
  throw new UserError(`cannot write ${escapeText(path)}: ${escapeText(messageOf(error))}`, {
    exitCode: EXIT.recording,
  });
}

/** The verb's command. */
export function redactVerb(context: Context): CommandUnknownOpts {
  return new Command('redact')
    .summary('make a copy of a recording that can be shared')
    .description(
      'Writes a copy of a recording with addresses and names replaced by pseudonyms. Needs no root.',
    )
    .argument('<file>', 'the recording; - is standard input')
    .requiredOption('-o, --output <file>', 'the copy; - is standard output')
    .option('--force', 'replace the copy if it exists')
    .option('--key-file <file>', 'a file with the key of the pseudonyms; else a random one, soon forgotten')
    .addHelpText('after', EXAMPLES)
    .action((file, options) => run(context, file, options));
}
