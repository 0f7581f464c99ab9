import type { Cgroup } from './model.ts';

/** Cgroups that are remembered; of older ones only the processes that are in them know the path. */
const MOST = 10_000;

/** The cgroups that events name by id. An id is never given again (kernfs_new_node, fs/kernfs/dir.c), nor moved. */
export class Cgroups {
  readonly #known = new Map<number, { readonly id: number; path: string | null }>();

  /** The cgroup with an id; null for 0, which is none. */
  of(id: number): Cgroup | null {
    return id === 0 ? null : this.#of(id);
  }

  /** The path of a cgroup is known. */
  name(id: number, path: string): void {
    if (id !== 0) this.#of(id).path = path;
  }

  #of(id: number): { readonly id: number; path: string | null } {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MOST && oldest !== undefined) this.#known.delete(oldest);
    const cgroup = { id, path: null };
    this.#known.set(id, cgroup);
    return cgroup;
  }
}
