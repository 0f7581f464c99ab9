/** Text or bytes, in batches, to where they go: waits for a slow reader, and ends quietly when the reader has gone. */
import type { ByteSink } from '../recording/write.ts';

const BATCH = 1 << 16;

const CLOSED = ['EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END', 'EOF'];
const isClosedPipe = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && CLOSED.includes(String(error.code));

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What went wrong, in its own words. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class Output {
  readonly #sink: ByteSink;
  #pending: Buffer[] = [];
  #text: string[] = [];
  #length = 0;
  #passing = 0;
  #tail: Promise<void> = Promise.resolve();
  #closed = false;
  #error: unknown = null;

  /** A new file is taken back when a signal ends this process. */
  constructor(sink: ByteSink) {
    this.#sink = sink;
    if (sink.discard !== undefined) for (const signal of SIGNALS) process.once(signal, this.#interrupted);
  }

  /** Whether nothing can be written any more, or nobody reads: what is written is dropped. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes (or characters, of text) that were taken and not written yet. */
  get waiting(): number {
    return this.#length + this.#passing;
  }

  /** Why it could not be written; null when it was, or when the reader just left. */
  get error(): unknown {
    return this.#error;
  }

  /** Takes a piece. */
  readonly write = (piece: string | Uint8Array): void => {
    if (this.#closed) return;
    if (typeof piece === 'string') this.#text.push(piece);
    else {
      this.#encode();
      this.#pending.push(Buffer.from(piece));
    }
    this.#length += piece.length;
    if (this.#length >= BATCH) this.flush();
  };

  /** Hands on all that was taken. */
  flush(): void {
    if (this.#length === 0) return;
    this.#encode();
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#length = 0;
    this.#passing += bytes.length;
    this.#tail = this.#tail.then(() => this.#pass(bytes));
  }

  /** Waits until all that was taken has been written, or the reader has gone. */
  async drained(): Promise<void> {
    this.flush();
    await this.#tail;
  }

  /** Writes what is left and closes; a new file that could not be written whole is removed. */
  async end(): Promise<void> {
    await this.drained();
    if (this.#error !== null) await this.discard();
    else await this.#sink.close().catch((error: unknown) => this.#fail(error));
    this.#release();
  }

  /** Closes without more; a new file is removed. */
  async discard(): Promise<void> {
    this.#release();
    this.#closed = true;
    await this.#tail;
    await this.#sink.discard?.().catch(() => {});
  }

  /** A second signal finds nobody to wait for. */
  readonly #interrupted = (signal: NodeJS.Signals): void => {
    void this.discard().then(() => process.kill(process.pid, signal));
  };

  #release(): void {
    for (const signal of SIGNALS) process.off(signal, this.#interrupted);
  }

  /** Text is joined before it is encoded: most pieces are a few characters. */
  #encode(): void {
    if (this.#text.length === 0) return;
    this.#pending.push(Buffer.from(this.#text.join('')));
    this.#text = [];
  }

  async #pass(bytes: Buffer): Promise<void> {
    if (!this.#closed) await this.#sink.write(bytes).catch((error: unknown) => this.#fail(error));
    this.#passing -= bytes.length;
  }

  #fail(error: unknown): void {
    this.#closed = true;
    if (!isClosedPipe(error)) this.#error ??= error;
  }
}
