/** A symbol of the running kernel. */
export interface KernelSymbol {
  readonly name: string;
  /** Hex digits; all zeros when the kernel hides addresses (kptr_restrict). */
  readonly address: string;
  /** The module that has it, `vmlinux` for the kernel itself. */
  readonly module: string;
}

/**
 * The symbols of these names, and their variants `.constprop.N` and `.isra.N` (not `.part.N` and `.cold`, which are only pieces of
 * a function), from the text of /proc/kallsyms. A name may be there several times, or not at all.
 */
export function findSymbols(kallsyms: string, names: readonly string[]): KernelSymbol[] {
  const wanted = names.map((name) => name.replace(/\W/g, '\\$&')).join('|');
  const line = new RegExp(
    `^([0-9a-f]+) \\w ((?:${wanted})(?:\\.(?:constprop|isra)\\.\\d+)*)(?:\\t\\[(\\w+)\\])?$`,
    'gm',
  );
  return Array.from(kallsyms.matchAll(line), ([, address = '0', name = '', module = 'vmlinux']) => ({
    name,
    address,
    module,
  }));
}
