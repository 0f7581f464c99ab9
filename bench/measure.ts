/** Runs commands of this machine and reads what they cost. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** What one run of a command cost. */
export interface Cost {
  /** Seconds from start to end. */
  readonly wall: number;
  /** Seconds of processor time, user and system, of all its threads: fair where others use the machine too. */
  readonly cpu: number;
  /** The most memory that it ever had (VmHWM), MB. */
  readonly megabytes: number;
}

/**
 * Runs a command, its output thrown away.
 * @throws Error when it ends with a status above `worst`
 */
export async function measure(command: readonly string[], worst = 0): Promise<Cost> {
  const folder = await mkdtemp(join(tmpdir(), 'umaptrace-bench-'));
  try {
    const out = join(folder, 'cost');
    const result = await execa('/usr/bin/time', ['-q', '-f', '%e %U %S %M', '-o', out, '--', ...command], {
      stdin: 'ignore',
      stdout: 'ignore',
      reject: false,
    });
    if (result.exitCode === undefined || result.exitCode > worst) throw new Error(result.stderr);
    const [wall = 0, user = 0, system = 0, kilobytes = 0] = (await readFile(out, 'latin1'))
      .split(' ')
      .map(Number);
    return { wall, cpu: user + system, megabytes: kilobytes / 1024 };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A command that is compared. */
export interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  /** The highest status that is none of a failure. */
  readonly worst?: number;
}

/** Runs commands in turn, A B A B, and gives the costs of each, by name. */
export async function alternate(
  rounds: number,
  contenders: readonly Contender[],
): Promise<ReadonlyMap<string, readonly Cost[]>> {
  const costs = new Map<string, Cost[]>(contenders.map(({ name }) => [name, []]));
  for (let i = 0; i < rounds; i++) {
    for (const { name, command, worst } of contenders) costs.get(name)?.push(await measure(command, worst));
  }
  return costs;
}
