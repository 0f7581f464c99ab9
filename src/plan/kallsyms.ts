/** A symbol of the running kernel. */
export interface KernelSymbol {
  readonly name: string;
  /** Hex digits; all zeros when the kernel hides addresses (kptr_restrict). */
  readonly address: string;
  /** The module that has it, `vmlinux` for the kernel itself. */
  readonly module: string;
}

const oneOf = (names: readonly string[]): string =>
  names.map((name) => name.replace(/\W/g, '\\$&')).join('|');

/** An extended regular expression, as grep has it, for the lines of /proc/kallsyms in which {@link findSymbols} may find something. */
export const symbolPattern = (names: readonly string[]): string => ` (${oneOf(names)})([.\t]|$)`;

/**
 * The symbols of these names, and their variants `.constprop.N` and `.isra.N` (not `.part.N` and `.cold`, which are only pieces of
 * a function). A name may be there several times, or not at all.
 * @param kallsyms lines of /proc/kallsyms
 */
export function findSymbols(kallsyms: string, names: readonly string[]): KernelSymbol[] {
  const line = new RegExp(
    `^([0-9a-f]+) \\w ((?:${oneOf(names)})(?:\\.(?:constprop|isra)\\.\\d+)*)(?:\\t\\[(\\w+)\\])?$`,
    'gm',
  );
  return Array.from(kallsyms.matchAll(line), ([, address = '0', name = '', module = 'vmlinux']) => {
    return { address, name, module };
  });
}
