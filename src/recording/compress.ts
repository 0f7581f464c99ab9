/** Compression of recordings: gzip, and zstd where Node has it. Every piece can be read back on its own: a file may be cut anywhere. */

import { type Duplex, PassThrough, type Transform } from 'node:stream';
import { finished } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { EXIT } from '../exit.ts';
import { UserError } from '../user-error.ts';
import { notARecording } from './parse.ts';
import type { ByteSink } from './write.ts';

/** What both compressors have; Node's own type for it is not exported. */
interface Compressor extends Transform {
  flush(kind: number, done: () => void): void;
}

/** A stream that Node makes, if it does. */
const make = (name: string, options: object = {}): unknown => {
  const maker: unknown = Reflect.get(zlib, name);
  return typeof maker === 'function' ? maker(options) : undefined;
};

const isCompressor = (stream: unknown): stream is Compressor =>
  typeof stream === 'object' && stream !== null && 'flush' in stream && 'pipe' in stream;

interface Kind {
  readonly extension: string;
  /** First bytes of such a file. */
  readonly magic: Buffer;
  readonly compress: () => unknown;
  readonly decompress: () => unknown;
  /** The constant for "give out all that was taken". */
  readonly flush: () => number;
}

const zstdFlush = (): number => Number(Reflect.get(zlib.constants, 'ZSTD_e_flush') ?? 1);
const zstdLevel = (): number => Number(Reflect.get(zlib.constants, 'ZSTD_c_compressionLevel') ?? 100);
const zstdChecksum = (): number => Number(Reflect.get(zlib.constants, 'ZSTD_c_checksumFlag') ?? 201);
/** A third smaller than the usual 3, in the time that gzip takes (docs/performance.md). */
const ZSTD_LEVEL = 9;

const KINDS: readonly Kind[] = [
  {
    extension: '.gz',
    magic: Buffer.from([0x1f, 0x8b]),
    compress: () => zlib.createGzip(),
    // a cut end is no error: what there is is given out
    decompress: () => zlib.createGunzip({ finishFlush: zlib.constants.Z_SYNC_FLUSH }),
    flush: () => zlib.constants.Z_SYNC_FLUSH,
  },
  {
    extension: '.zst',
    magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
    compress: () =>
      make('createZstdCompress', { params: { [zstdLevel()]: ZSTD_LEVEL, [zstdChecksum()]: 1 } }),
    decompress: () => make('createZstdDecompress', { finishFlush: zstdFlush() }),
    flush: zstdFlush,
  },
];

const LONGEST_MAGIC = Math.max(...KINDS.map(({ magic }) => magic.length));

const isZlibError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && /^Z_|^ZSTD_|^ERR_ZSTD/.test(String(error.code));

/**
 * What makes a sink compress, when the name of its file asks for it; else what leaves it as it is.
 * @throws UserError when this Node cannot compress so
 */
export function compression(path: string): (sink: ByteSink) => ByteSink {
  const kind = KINDS.find(({ extension }) => path.endsWith(extension));
  if (kind === undefined) return (sink) => sink;
  const stream = kind.compress();
  if (!isCompressor(stream)) throw cannot(kind, 'write');
  return (sink) => new CompressedSink(stream, kind.flush(), sink);
}

const cannot = ({ extension }: Kind, what: string): UserError =>
  new UserError(`this Node cannot ${what} ${extension} files`, {
    exitCode: EXIT.usage,
    hint: what === 'write' ? 'name it .gz, or take Node 22.15 or later' : 'decompress it first: zstd -d FILE',
  });

class CompressedSink implements ByteSink {
  readonly #stream: Compressor;
  readonly #flush: number;
  readonly #sink: ByteSink;
  #pieces: Buffer[] = [];

  constructor(stream: Compressor, flush: number, sink: ByteSink) {
    this.#stream = stream;
    this.#flush = flush;
    this.#sink = sink;
    stream.on('data', (piece: Buffer) => this.#pieces.push(piece));
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#stream.write(bytes);
    await new Promise<void>((resolve) => this.#stream.flush(this.#flush, resolve));
    await this.#pass();
  }

  async sync(): Promise<void> {
    await this.#sink.sync?.();
  }

  async place(): Promise<void> {
    await this.#sink.place?.();
  }

  async discard(): Promise<void> {
    this.#stream.destroy();
    await this.#sink.discard?.();
  }

  async close(): Promise<void> {
    this.#stream.end();
    await finished(this.#stream);
    await this.#pass();
    await this.#sink.close();
  }

  async #pass(): Promise<void> {
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [];
    if (bytes.length > 0) await this.#sink.write(bytes);
  }
}

/** Bytes given to a decompressor at once: what it made of them is lost when the next are damaged. */
const BITE = 1024;

function* bites(chunk: Buffer): Generator<Buffer> {
  for (let at = 0; at < chunk.length; at += BITE) yield chunk.subarray(at, at + BITE);
}

const roomIn = (stream: Duplex): Promise<void> =>
  new Promise((resolve) => {
    stream.once('drain', resolve);
    stream.once('close', resolve);
  });

/** Feeds a decompressor as fast as it takes. */
async function feed(chunks: AsyncIterable<Buffer>, first: Buffer, into: Transform): Promise<void> {
  const write = async (chunk: Buffer): Promise<void> => {
    for (const bite of bites(chunk)) {
      if (into.destroyed) return;
      if (!into.write(bite)) await roomIn(into);
    }
  };
  await write(first);
  for await (const chunk of chunks) {
    if (into.destroyed) return;
    await write(chunk);
  }
  into.end();
}

/** What a decompressor gives, all of it also when it fails; damage becomes a note and an unreadable line at the end. */
function outputOf(stream: Transform): PassThrough {
  const output = new PassThrough();
  let isBegun = false;
  stream.on('data', (piece: Buffer) => {
    isBegun = true;
    if (output.write(piece)) return;
    stream.pause();
    output.once('drain', () => stream.resume());
  });
  stream.on('end', () => output.end());
  stream.on('error', (error) => {
    if (!isZlibError(error)) output.destroy(error);
    else if (isBegun) output.end(damagedLines(error));
    else output.destroy(notARecording(`it cannot be decompressed: ${error.message}`));
  });
  return output;
}

/**
 * What says, in a recording, that its compressed form is damaged. A checksum is only compared at the end: any line may be
 * another one than was written, so one counts as unreadable.
 */
const damagedLines = ({ message }: Error): Buffer =>
  Buffer.from(
    `\n${JSON.stringify({ note: { text: `the compressed data is damaged, here or before: ${message}` } })}\n\0\n`,
  );

/** The first chunks, as many as a file's first bytes take: a pipe may give them one by one. */
async function beginning(source: AsyncIterator<Buffer>): Promise<Buffer> {
  let first: Buffer = Buffer.alloc(0);
  while (first.length < LONGEST_MAGIC) {
    const { value, done } = await source.next();
    if (done === true) break;
    first = Buffer.concat([first, value]);
  }
  return first;
}

/**
 * The bytes of a recording, decompressed if they are compressed.
 * @throws UserError when this Node cannot decompress them
 */
export async function* decompressed(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  const source = chunks[Symbol.asyncIterator]();
  const first = await beginning(source);
  if (first.length === 0) return;
  const rest = { [Symbol.asyncIterator]: () => source };
  const kind = KINDS.find(({ magic }) => first.subarray(0, magic.length).equals(magic));
  if (kind === undefined) {
    yield first;
    yield* rest;
    return;
  }
  const stream = kind.decompress();
  if (!isCompressor(stream)) throw cannot(kind, 'read');
  const output = outputOf(stream);
  feed(rest, first, stream).catch((error: unknown) =>
    stream.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  for await (const piece of output) yield Buffer.from(piece);
}
