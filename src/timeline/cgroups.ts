import type { Cgroup } from './model.ts';

/** Half of the cgroups that are remembered; of others only the processes that are in them know the path. */
const MOST = 10_000;

interface Known extends Cgroup {
  path: string | null;
}

/** The cgroups that events name by id. An id is never given again (kernfs_new_node, fs/kernfs/dir.c), nor moved. */
export class Cgroups {
  /** Those that were named last, and those before them: what is not named for long is forgotten. */
  #young = new Map<number, Known>();
  #old = new Map<number, Known>();

  /** The cgroup with an id; null for 0, which is none. */
  of(id: number): Cgroup | null {
    return id === 0 ? null : this.#of(id);
  }

  /** The path of a cgroup is known. */
  name(id: number, path: string): void {
    if (id !== 0) this.#of(id).path = path;
  }

  #of(id: number): Known {
    const young = this.#young.get(id);
    if (young !== undefined) return young;
    const known = this.#old.get(id) ?? { id, path: null };
    if (this.#young.size >= MOST) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(id, known);
    return known;
  }
}
