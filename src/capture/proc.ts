/** Has files of every process read, for the probes that see what the kernel shows in them. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import type { ProcFiles } from '../plan/snapshot.ts';
import { run } from './run.ts';

/** A process whose mmap_lock is not to be had for so long is left out, and named. */
const PATIENCE_MS = 5000;
/** So many are waited for. */
const MOST_STUCK = 2;
/** Processes whose files are read by one program. */
const TOGETHER = 64;

/** Of the paths that it is given: a process may have a million descriptors, an execve takes some 2 MB. */
const MOST_CHARACTERS = 100_000;

/** Numbers that name the entries of a folder; none when it is gone. */
const numbersIn = (path: string): Promise<string[]> =>
  readdir(path).then(
    (names) => names.filter((name) => /^\d+$/.test(name)),
    () => [],
  );

/** A leader that has exited has no address space of its own: its threads show it. */
async function mapsOf(pid: string): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  if (!/\) Z [^)]*$/.test(stat)) return [`/proc/${pid}/maps`];
  return (await numbersIn(`/proc/${pid}/task`)).map((tid) => `/proc/${pid}/task/${tid}/maps`);
}

/** Whether a descriptor may be of a device: it has a path. Its file system is not asked, for that could wait for a dead server. */
const hasPath = (link: string): Promise<boolean> =>
  readlink(link).then(
    (target) => target.startsWith('/'),
    () => false,
  );

async function fdinfoOf(pid: string): Promise<string[]> {
  const paths: string[] = [];
  for (const fd of await numbersIn(`/proc/${pid}/fd`)) {
    if (await hasPath(`/proc/${pid}/fd/${fd}`)) paths.push(`/proc/${pid}/fdinfo/${fd}`);
  }
  return paths;
}

const FILES: Readonly<Record<ProcFiles, (pid: string) => Promise<string[]>>> = {
  maps: mapsOf,
  fdinfo: fdinfoOf,
};

/** Paths in groups that a command line can have. */
export function groups(paths: readonly string[]): string[][] {
  const all: string[][] = [];
  let length = MOST_CHARACTERS;
  for (const path of paths) {
    if (length + path.length > MOST_CHARACTERS) {
      all.push([]);
      length = 0;
    }
    all.at(-1)?.push(path);
    length += path.length;
  }
  return all;
}

/**
 * Has another process read files: a read that waits for an mmap_lock cannot be given up, and would keep this process from ending.
 * Files that are gone are none.
 * @returns whether it came to an end
 */
async function read(paths: readonly string[], given: AbortSignal): Promise<boolean> {
  for (const group of groups(paths)) {
    const { exitCode } = await run(['cat', '--', ...group], {
      ...({ stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' } as const),
      timeout: PATIENCE_MS,
      cancelSignal: given,
    });
    if (exitCode === undefined) return false;
  }
  return true;
}

/**
 * Reads these files of every process that there is.
 * @param given ends it early
 * @returns which could not be read, in words
 */
export async function readProc(files: ProcFiles, given: AbortSignal): Promise<string[]> {
  const pids = await numbersIn('/proc');
  const stuck: string[] = [];
  const rest = 'not all processes were looked at';
  for (let at = 0; at < pids.length; at += TOGETHER) {
    const some = pids.slice(at, at + TOGETHER);
    const paths = await Promise.all(some.map(FILES[files]));
    if (given.aborted) return [...stuck, rest];
    if (await read(paths.flat(), given)) continue;
    for (const [i, pid] of some.entries()) {
      if (given.aborted || stuck.length >= MOST_STUCK) return [...stuck, rest];
      if (await read(paths[i] ?? [], given)) continue;
      stuck.push(`${files} of process ${pid} could not be read within ${PATIENCE_MS / 1000} s`);
    }
  }
  return given.aborted ? [...stuck, rest] : stuck;
}
