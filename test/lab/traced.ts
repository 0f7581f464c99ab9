/** Runs umaptrace in a guest and its reports on the host. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Lab } from '../../lab/boot.ts';
import type { CommandResult } from '../../lab/session.ts';
import { readTruth, type Truth } from './truth.ts';

export const UMAPTRACE = fileURLToPath(new URL('../../bin/umaptrace.cjs', import.meta.url));

/** A recording that was made in a guest, and what the traced command said. */
export interface Traced {
  readonly result: CommandResult;
  readonly truth: Truth;
  /** The host's path of it. */
  readonly recording: string;
}

/** Records a command in the guest. */
export async function record(lab: Lab, name: string, command: readonly string[]): Promise<Traced> {
  const words = ['umaptrace', 'record', '--force', '-o', `/share/${name}.rec`, '--', ...command];
  const result = await lab.run(words, { timeoutSeconds: 240 });
  return { result, truth: readTruth(result.stdout), recording: join(lab.share, `${name}.rec`) };
}

/** What `umaptrace report` prints of a recording, on the host. */
export async function report(recording: string, ...args: string[]): Promise<string> {
  const { stdout } = await execa(process.execPath, [UMAPTRACE, 'report', recording, ...args], {
    env: { NO_COLOR: '1' },
  });
  return stdout;
}

/** What `umaptrace check` makes of a recording, on the host. */
export async function check(
  recording: string,
  ...args: string[]
): Promise<{ readonly status: number | undefined; readonly stdout: string }> {
  const words = [UMAPTRACE, 'check', recording, ...args];
  const { exitCode, stdout } = await execa(process.execPath, words, {
    env: { NO_COLOR: '1' },
    reject: false,
  });
  return { status: exitCode, stdout };
}

/** What `umaptrace check` makes of a recording that it can read only once, on the host. */
export async function checkPiped(recording: string): Promise<string> {
  const { stdout } = await execa(process.execPath, [UMAPTRACE, 'check', '-'], {
    env: { NO_COLOR: '1' },
    inputFile: recording,
    reject: false,
  });
  return stdout;
}
