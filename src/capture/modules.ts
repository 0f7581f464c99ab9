import { readFileSync, statSync } from 'node:fs';

/** What has become of modules since they were last looked at. */
export interface ModuleChanges {
  readonly came: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
}

/** What tells one load of a module from the next: the inode of its folder. Null when it is not loaded, or not yet ready. */
function loadOf(module: string): number | null {
  try {
    const folder = `/sys/module/${module}`;
    const { ino } = statSync(folder);
    return readFileSync(`${folder}/initstate`, 'latin1').trim() === 'live' ? ino : null;
  } catch {
    return null;
  }
}

/** Notices modules that are loaded and unloaded, each time that it looks. */
export class ModuleWatch {
  readonly #loads: Map<string, number | null>;

  constructor(modules: readonly string[]) {
    this.#loads = new Map(modules.map((module) => [module, loadOf(module)]));
  }

  look(): ModuleChanges {
    const came = new Set<string>();
    const gone = new Set<string>();
    for (const [module, before] of this.#loads) {
      const load = loadOf(module);
      if (load === before) continue;
      this.#loads.set(module, load);
      if (before !== null) gone.add(module);
      if (load !== null) came.add(module);
    }
    return { came, gone };
  }
}
