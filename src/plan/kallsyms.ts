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
 * a function). A name may be there several times, or not at all.
 * @param kallsyms the text of /proc/kallsyms in pieces of whole lines
 */
export function findSymbols(kallsyms: Iterable<string>, names: readonly string[]): KernelSymbol[] {
  const wanted = names.map((name) => name.replace(/\W/g, '\\$&')).join('|');
  const line = new RegExp(
    `^([0-9a-f]+) \\w ((?:${wanted})(?:\\.(?:constprop|isra)\\.\\d+)*)(?:\\t\\[(\\w+)\\])?$`,
  );
  // It looks at two places of each line; the whole pattern looks at each letter.
  const candidate = new RegExp(` (?:${wanted})[.\\t\\n]`, 'g');
  const found: KernelSymbol[] = [];
  for (const piece of kallsyms) {
    for (const { index } of piece.matchAll(candidate)) {
      const begin = piece.lastIndexOf('\n', index) + 1;
      const match = line.exec(piece.slice(begin, piece.indexOf('\n', begin)));
      if (match === null) continue;
      const [, address = '0', name = '', module = 'vmlinux'] = match;
      found.push({ address, name, module });
    }
  }
  return found;
}
