import { readFileSync, statSync } from 'node:fs';

/** What has become of modules since they were last looked at. */
export interface ModuleChanges {
  readonly came: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
}

/** What tells one load of a module from the next: the inode of its folder in sysfs. Null when it is not loaded, or not yet ready. */
function loadOf(folder: string): number | null {
  try {
    const { ino } = statSync(folder);
    return readFileSync(`${folder}/initstate`, 'latin1').trim() === 'live' ? ino : null;
  } catch {
    return null;
  }
}

/** Notices modules that are loaded and unloaded, each time that it looks. */
export class ModuleWatch {
  readonly #folder: string;
  readonly #loads: Map<string, number | null>;

  /** @param folder where the kernel shows what modules it has */
  constructor(modules: readonly string[], folder = '/sys/module') {
    this.#folder = folder;
    this.#loads = new Map(modules.map((module) => [module, this.#loadOf(module)]));
  }

  look(): ModuleChanges {
    const came = new Set<string>();
    const gone = new Set<string>();
    for (const [module, before] of this.#loads) {
      const load = this.#loadOf(module);
      if (load === before) continue;
      this.#loads.set(module, load);
      if (before !== null) gone.add(module);
      if (load !== null) came.add(module);
    }
    return { came, gone };
  }

  #loadOf(module: string): number | null {
    return loadOf(`${this.#folder}/${module}`);
  }
}
