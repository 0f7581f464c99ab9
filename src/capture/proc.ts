/** Reads files of every process, for the probes that see what the kernel shows in them. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import type { ProcFiles } from '../plan/snapshot.ts';

/** A process whose mmap_lock is not to be had for so long is left out, and named. */
const PATIENCE_MS = 5000;
/** Each read that is stuck keeps one of Node's four threads for IO, which the trace itself needs. */
const MOST_STUCK = 2;
const STUCK = Symbol('stuck');

/** The text of a file; empty when it is gone, or its process is. */
const read = (path: string): Promise<string> => readFile(path, 'latin1').catch(() => '');

/** Numbers that name the entries of a folder; none when it is gone. */
const numbersIn = (path: string): Promise<string[]> =>
  readdir(path).then(
    (names) => names.filter((name) => /^\d+$/.test(name)),
    () => [],
  );

/** A leader that has exited has no address space of its own: its threads show it. */
async function readMaps(pid: string): Promise<void> {
  if ((await read(`/proc/${pid}/maps`)) !== '') return;
  for (const tid of await numbersIn(`/proc/${pid}/task`)) {
    if ((await read(`/proc/${pid}/task/${tid}/maps`)) !== '') return;
  }
}

/** Whether a descriptor may be of a device: it has a path. Its file system is not asked, for that could wait for a dead server. */
const hasPath = (link: string): Promise<boolean> =>
  readlink(link).then(
    (target) => target.startsWith('/'),
    () => false,
  );

async function readFdinfo(pid: string): Promise<void> {
  for (const fd of await numbersIn(`/proc/${pid}/fd`)) {
    if (await hasPath(`/proc/${pid}/fd/${fd}`)) await read(`/proc/${pid}/fdinfo/${fd}`);
  }
}

function patience(): { over: Promise<typeof STUCK>; end: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<typeof STUCK>((resolve) => {
    timer = setTimeout(() => resolve(STUCK), PATIENCE_MS);
  });
  return { over, end: () => clearTimeout(timer) };
}

/**
 * Reads these files of every process that there is.
 * @param given ends it early
 * @returns which could not be read, in words
 */
export async function readProc(files: ProcFiles, given: AbortSignal): Promise<string[]> {
  const readFiles = files === 'maps' ? readMaps : readFdinfo;
  const stuck: string[] = [];
  for (const pid of await numbersIn('/proc')) {
    if (given.aborted || stuck.length >= MOST_STUCK) return [...stuck, 'not all processes were looked at'];
    const { over, end } = patience();
    if ((await Promise.race([readFiles(pid), over])) === STUCK) {
      stuck.push(`${files} of process ${pid} could not be read within ${PATIENCE_MS / 1000} s`);
    }
    end();
  }
  return stuck;
}
