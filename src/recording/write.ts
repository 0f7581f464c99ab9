/** Writes a recording: bytes in order, as they come, without holding more than a bounded amount. */
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, rename, unlink } from 'node:fs/promises';
import { EXIT } from '../exit.ts';
import { UserError } from '../user-error.ts';
import { compression } from './compress.ts';

/** Bytes that may wait for the disk, some seconds of a storm, before {@link RecordingWriter.write} makes its caller wait. */
const MOST_WAITING = 64 << 20;

/** Where bytes go: a file, or standard output. Rejects when they cannot go there. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<void>;
  /** Waits until what was written is on the disk; absent where there is none. */
  sync?(): Promise<void>;
  /** Gives a file its name, if it has another one until then; absent where there is none. */
  place?(): Promise<void>;
  /** Writes what is left, and places the file. */
  close(): Promise<void>;
  /** Closes and removes a new file; what it was to replace stays. Absent where there is none. */
  discard?(): Promise<void>;
}

/** What became of a write: `failed` is given once, later writes are `dropped`. */
export type WriteStatus =
  | { readonly status: 'taken' }
  | { readonly status: 'failed'; readonly error: Error }
  | { readonly status: 'dropped' };

/** When what was written has to be on the disk: each piece before the next, once a second, or when the kernel likes. */
export type SyncWhen = 'each' | 'second' | 'never';

/** What comes just after a sync has begun is on the disk when the next one has ended: within a second. */
const SYNC_EVERY_MS = 500;

export class RecordingWriter {
  readonly #sink: ByteSink;
  readonly #sync: SyncWhen;
  readonly #timer: NodeJS.Timeout | undefined;
  #synced = 0;
  #syncing: Promise<void> | null = null;
  /** What came while the sink was busy: it is given all of it at once, so that it cannot fall behind small pieces. */
  #pending: Uint8Array[] = [];
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;
  #written = 0;
  #error: Error | null = null;
  #told = false;

  constructor(sink: ByteSink, sync: SyncWhen = 'second') {
    this.#sink = sink;
    this.#sync = sync;
    if (sync === 'second' && sink.sync !== undefined) {
      this.#timer = setInterval(() => void this.#toDisk(), SYNC_EVERY_MS);
      this.#timer.unref();
    }
  }

  /** Bytes that reached the file. */
  get written(): number {
    return this.#written;
  }

  /**
   * Takes bytes or text (UTF-8), after all that was given before. Resolves at once while the
   * disk keeps up; else when enough has been written, so that the caller stops reading.
   * Never rejects: the first answer after an error tells it, once.
   */
  async write(chunk: Uint8Array | string): Promise<WriteStatus> {
    if (this.#error !== null) return this.#tell();
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    this.#waiting += bytes.length;
    this.#pending.push(bytes);
    this.#tail = this.#tail.then(() => this.#pass());
    if (this.#waiting > MOST_WAITING) await this.#tail;
    return this.#tell();
  }

  /** Waits for all that was given; `error` is null when every byte was written. */
  async close(): Promise<{ readonly written: number; readonly error: Error | null }> {
    clearInterval(this.#timer);
    await this.#tail;
    await this.#syncing;
    if (this.#sync !== 'never') await this.#toDisk();
    await this.#sink.close().catch((error: unknown) => this.#fail(error));
    return { written: this.#written, error: this.#error };
  }

  /** Gives the file its name, when it was opened beside one that it is to replace. */
  async place(): Promise<void> {
    await this.#sink.place?.();
  }

  /** Takes the recording back, which was never begun: its file is removed, and one that it was to replace stays; so does a pipe or a device. */
  async discard(): Promise<void> {
    clearInterval(this.#timer);
    await this.#tail;
    await this.#syncing;
    await this.#sink.discard?.();
  }

  async #pass(): Promise<void> {
    const [first, ...more] = this.#pending;
    if (first === undefined) return;
    const bytes = more.length === 0 ? first : Buffer.concat([first, ...more]);
    this.#pending = [];
    if (this.#error === null) {
      await this.#sink.write(bytes).then(
        () => {
          this.#written += bytes.length;
        },
        (error: unknown) => this.#fail(error),
      );
      if (this.#sync === 'each') await this.#toDisk();
    }
    this.#waiting -= bytes.length;
  }

  /** Beside the writes, not between them: a slow disk must not hold up what the kernel tells. */
  async #toDisk(): Promise<void> {
    const written = this.#written;
    if (this.#syncing !== null || written === this.#synced || this.#error !== null) return;
    this.#syncing = (this.#sink.sync?.() ?? Promise.resolve()).then(
      () => {
        this.#synced = written;
      },
      (error: unknown) => this.#fail(error),
    );
    await this.#syncing;
    this.#syncing = null;
  }

  #fail(error: unknown): void {
    this.#error ??= error instanceof Error ? error : new Error(String(error));
  }

  #tell(): WriteStatus {
    if (this.#error === null) return { status: 'taken' };
    if (this.#told) return { status: 'dropped' };
    this.#told = true;
    return { status: 'failed', error: this.#error };
  }
}

/** The user that a new file belongs to. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Who called sudo; null when nobody did, or when not running as root. */
export function sudoOwner(env: NodeJS.ProcessEnv, uid = process.geteuid?.()): Owner | null {
  const id = (text: string | undefined): number =>
    text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  const owner = { uid: id(env['SUDO_UID']), gid: id(env['SUDO_GID']) };
  return uid === 0 && owner.uid >= 0 && owner.gid >= 0 ? owner : null;
}

const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

/** @param isNew false: a pipe or a device may be there */
function openAt(path: string, isNew: boolean): Promise<FileHandle> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  return open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | (isNew ? O_EXCL : 0), 0o600);
}

/** Why a file could not be opened, as a sentence with what to do about it. */
function cannotOpen(path: string, error: unknown): UserError {
  const code = errorCode(error);
  if (code === 'EEXIST') {
    const hint = 'choose another name, or add --force to replace it';
    return new UserError(`${path} exists already`, { exitCode: EXIT.usage, hint, cause: error });
  }
  const why: Record<string, string> = {
    ELOOP: 'it is a symbolic link',
    ENOENT: 'its folder does not exist',
    ENOTDIR: 'its folder is not a folder',
    EISDIR: 'it is a folder',
    EACCES: 'permission denied',
    EROFS: 'the file system is read-only',
  };
  const reason = why[code] ?? (error instanceof Error ? error.message : String(error));
  return new UserError(`cannot write ${path}: ${reason}`, { exitCode: EXIT.usage, cause: error });
}

/** Pipes and devices have nothing to sync. */
function ignoreUnsyncable(error: unknown): void {
  if (!['EINVAL', 'ENOTSUP', 'EROFS'].includes(errorCode(error))) throw error;
}

/** How a file is to be made. */
export interface NewFile {
  /** Whether one with its name is replaced. */
  readonly force: boolean;
  /** Whether one with its name is kept, as `PATH.old`. */
  readonly rotate?: boolean;
  readonly owner: Owner | null;
}

/**
 * Opens a file to be written: new, mode 0600, never through a symbolic link, owned by `owner`. Where it is to replace
 * another it has a name of its own, `PATH.PID`, until it is placed or closed.
 * @throws UserError when it exists and may not be replaced, or cannot be made.
 */
export async function openFile(path: string, { force, rotate = false, owner }: NewFile): Promise<ByteSink> {
  const found = force || rotate ? await lstat(path).catch(() => null) : null;
  const replaces = rotate ? found !== null : found?.isFile() === true;
  const name = replaces ? `${path}.${process.pid}` : path;
  const file = await openAt(name, replaces || !force).catch((error: unknown) => {
    throw cannotOpen(name, error);
  });
  const isFile = (await file.stat()).isFile();
  if (owner !== null && isFile) await file.chown(owner.uid, owner.gid);
  let isPlaced = !replaces;
  const place = async (): Promise<void> => {
    if (isPlaced) return;
    isPlaced = true;
    if (rotate) await rename(path, `${path}.old`);
    await rename(name, path);
  };
  return {
    write: async (bytes) => {
      for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
    },
    sync: () => file.datasync().catch(ignoreUnsyncable),
    place,
    close: async () => {
      await place();
      await file.close();
    },
    discard: async () => {
      await file.close();
      if (isFile) await unlink(isPlaced && replaces ? path : name);
    },
  };
}

/**
 * A stream (standard output) as a place for bytes; closing leaves the stream open. What
 * goes wrong is told by the writes, so the stream's own 'error' events need no other listener.
 */
export function streamSink(stream: NodeJS.WritableStream): ByteSink {
  stream.on('error', () => {});
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    close: async () => {},
  };
}

/** Opens what a recording is written to: a file, compressed if its name says so, or standard output when `path` is `-`. */
export async function openRecording(
  path: string,
  options: NewFile & { readonly sync?: SyncWhen },
): Promise<RecordingWriter> {
  const { sync, ...how } = options;
  const compress = compression(path);
  const plain = path === '-' ? streamSink(process.stdout) : await openFile(path, how);
  return new RecordingWriter(compress(plain), sync);
}
