/** The command line in this process, for tests. */
import { Writable } from 'node:stream';
import type { Context, OutputStream } from '../../src/cli/context.ts';
import { main } from '../../src/cli/main.ts';

export interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A stream that keeps what it was given. */
function keeper(): { readonly stream: OutputStream; readonly text: () => string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}

/** Runs `umaptrace ARGS...`. */
export async function umaptrace(args: readonly string[], given: Partial<Context> = {}): Promise<Run> {
  const out = keeper();
  const err = keeper();
  const context: Context = { stdout: out.stream, stderr: err.stream, env: {}, status: 0, ...given };
  const status = await main(args, context);
  return { status, stdout: out.text(), stderr: err.text() };
}
