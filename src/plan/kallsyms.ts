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
  );
  // It looks at two places of each line; the whole pattern looks at each letter.
  const candidates = kallsyms.matchAll(new RegExp(` (?:${wanted})[.\\t\\n]`, 'g'));
  return Array.from(candidates, ({ index }) => {
    const begin = kallsyms.lastIndexOf('\n', index) + 1;
    return line.exec(kallsyms.slice(begin, kallsyms.indexOf('\n', begin)));
  })
    .filter((match) => match !== null)
    .map(([, address = '0', name = '', module = 'vmlinux']) => ({ name, address, module }));
}
