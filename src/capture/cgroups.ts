/** Which path a cgroup has whose id an event tells: cgroup v2, whose ids are the inodes of its directories. */
import { type Dirent, readFileSync, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { EVENTS } from '../event/events.gen.ts';
import { textOf } from '../event/words.ts';
import type { CgroupInput } from '../recording/format.ts';

const NEWLINE = 0x0a;
const BLANK = 0x20;
/** Tags of the events whose last word is a cgroup's id. */
const TAGS = new Set(EVENTS.filter(({ fields }) => fields.at(-1)?.name === 'cgroup').map(({ tag }) => tag));
const INITIALS = new Set([...TAGS].map((tag) => tag.charCodeAt(0)));
/** Directories that one search looks at. */
const MOST_SEARCHED = 50_000;
/** Ids that are remembered; others are told again. */
const MOST_KNOWN = 100_000;

/** Root and mount point of a cgroup2 file system, on a line of /proc/self/mountinfo. */
const CGROUP2 = /^\d+ \d+ \S+ (\S+) (\S+) .* - cgroup2 /;

/** Where cgroup v2 is mounted whole; null: nowhere that the text of /proc/self/mountinfo tells. */
export function cgroupRoot(mountinfo: string): string | null {
  for (const line of mountinfo.split('\n')) {
    const [, root, place = ''] = CGROUP2.exec(line) ?? [];
    if (root === '/' && !place.includes('\\')) return place;
  }
  return null;
}

const hexDigit = (byte: number): number => {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : Number.NaN;
};

/** The last word of a line, as a number: NaN when it is not hexadecimal. No text is made of it, for there is one in each mmap. */
function lastWord(block: Buffer, from: number, to: number): number {
  let value = 0;
  let unit = 1;
  for (let at = to - 1; at > from && block[at] !== BLANK; at--) {
    value += hexDigit(block[at] ?? 0) * unit;
    unit *= 16;
  }
  return value;
}

/** Ids of cgroups at the ends of event lines, each with the pid of one of the lines. */
export function cgroupsIn(block: Buffer): Map<number, number> {
  const found = new Map<number, number>();
  for (let from = 0; from < block.length; ) {
    const newline = block.indexOf(NEWLINE, from);
    const to = newline < 0 ? block.length : newline;
    if (INITIALS.has(block[from] ?? 0)) {
      const id = lastWord(block, from, to);
      if (id > 0 && !found.has(id)) {
        const [tag = '', , , , pid = ''] = block.toString('latin1', from, to).split(' ', 5);
        if (TAGS.has(tag) && pid !== '') found.set(id, Number.parseInt(pid, 16));
      }
    }
    from = to + 1;
  }
  return found;
}

const inodeOf = (path: Buffer): number | null => {
  try {
    return statSync(path).ino;
  } catch {
    return null;
  }
};

/** The v2 cgroup of a process, as bytes; null when it is gone, or v2 is not used. */
function cgroupOf(pid: number): Buffer | null {
  try {
    const lines = readFileSync(`/proc/${pid}/cgroup`, 'latin1').split('\n');
    const line = lines.find((each) => each.startsWith('0::/'));
    return line === undefined ? null : Buffer.from(line.slice(3), 'latin1');
  } catch {
    return null;
  }
}

/** Finds the paths of cgroups, each once, beginning with what the process of an event says of itself. */
export class CgroupPaths {
  readonly #root: Buffer | null;
  readonly #known = new Set<number>();
  /** Ids without a path, that have not been searched for. */
  readonly #wanted = new Set<number>();
  #searching: Promise<void> | null = null;

  /** @param root where cgroup v2 is mounted */
  constructor(root: string | null) {
    this.#root = root === null ? null : Buffer.from(root);
  }

  get mounted(): boolean {
    return this.#root !== null;
  }

  /** What is known of cgroups that these event lines are the first to name. */
  see(block: Buffer): CgroupInput[] {
    const root = this.#root;
    if (root === null) return [];
    const found: CgroupInput[] = [];
    for (const [id, pid] of cgroupsIn(block)) {
      if (this.#known.has(id)) continue;
      if (this.#known.size >= MOST_KNOWN) this.#known.clear();
      this.#known.add(id);
      const path = cgroupOf(pid);
      if (path !== null && inodeOf(Buffer.concat([root, path])) === id) found.push(line(id, path));
      else this.#wanted.add(id);
    }
    return found;
  }

  /** Looks through the hierarchy for those whose processes were gone already. @param tell takes what is found */
  search(tell: (found: CgroupInput) => void): Promise<void> {
    if (this.#root === null || this.#wanted.size === 0) return this.#searching ?? Promise.resolve();
    this.#searching ??= this.#search(this.#root, tell).finally(() => {
      this.#searching = null;
    });
    return this.#searching;
  }

  /** The last search: also for what was seen while another one ran. */
  async finish(tell: (found: CgroupInput) => void): Promise<void> {
    await this.#searching;
    await this.search(tell);
  }

  async #search(root: Buffer, tell: (found: CgroupInput) => void): Promise<void> {
    const wanted = new Set(this.#wanted);
    this.#wanted.clear();
    const paths: Buffer[] = [Buffer.from('/')];
    for (let i = 0; i < paths.length && i < MOST_SEARCHED && wanted.size > 0; i++) {
      const path = paths[i] ?? Buffer.from('/');
      const folder = Buffer.concat([root, path]);
      const { ino } = await stat(folder).catch(() => ({ ino: 0 }));
      if (wanted.delete(ino)) tell(line(ino, path));
      for (const child of await foldersIn(folder)) paths.push(join(path, child));
    }
  }
}

const SLASH = Buffer.from('/');

const join = (path: Buffer, name: Buffer): Buffer =>
  Buffer.concat(path.length === 1 ? [path, name] : [path, SLASH, name]);

async function foldersIn(folder: Buffer): Promise<Buffer[]> {
  const entries: Dirent<Buffer>[] = await readdir(folder, { withFileTypes: true, encoding: 'buffer' }).catch(
    () => [],
  );
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

const line = (id: number, path: Buffer): CgroupInput => ({ cgroup: { id, path: textOf(path) } });
