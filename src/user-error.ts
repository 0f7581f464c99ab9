import type { ExitCode } from './exit.ts';

/** A problem that the user can do something about: shown as a sentence, never as a stack trace. */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** The command or step that mends it, ready to be typed; null when there is none. */
  readonly hint: string | null;
  /** The process's exit status. */
  readonly exitCode: ExitCode;

  constructor(message: string, options: { exitCode: ExitCode; hint?: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint ?? null;
    this.exitCode = options.exitCode;
  }
}
