/** Which probes a bpftrace could not attach, from what it said when it gave up. */

/** A probe's place in an error: `kprobe:f`, `'kretprobe:f'`, `kprobe f.`, `fentry module:f`. */
const PLACE = /\b(k(?:ret)?probe|k(?:ret)?func|fentry|fexit)[: ](\w[\w:.]*\w)/;

/** An error may leave out the module. */
const isSame = (planned: string, named: string): boolean =>
  planned === named || planned.replace(/:\w+:/, ':') === named;

/**
 * The places that errors name, with bpftrace's reason. 0.17 and 0.23 stop at the first ("Error attaching probe:
 * 'kprobe:f'", the cause on the line before), 0.27 at all that it cannot find ("No matches for kprobe f.") or at the first
 * that it cannot attach ("Unable to attach probe: kprobe:f.").
 * @param said the last lines of its standard error
 * @param places of the probes that may be left out
 */
export function refusedPlaces(
  said: readonly string[],
  places: readonly string[],
): ReadonlyMap<string, string> {
  const refused = new Map<string, string>();
  said.forEach((line, i) => {
    const [, text] = /(?:^|: )ERROR: (.*)/.exec(line) ?? [];
    const [, kind, name] = PLACE.exec(text ?? '') ?? [];
    const place = places.find((planned) => isSame(planned, `${kind}:${name}`));
    if (text === undefined || place === undefined) return;
    const before = said[i - 1] ?? '';
    const cause = /^(?:ERROR|WARNING|Attach)|: (?:ERROR|WARNING): |~/.test(before) ? text : before;
    refused.set(place, `bpftrace: ${cause.trim() || text}`);
  });
  return refused;
}
