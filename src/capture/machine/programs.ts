import { realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { OwnedPath } from '../../doctor/facts.ts';
import { isThere } from './read.ts';

/** A path and all folders above it. */
function* withFolders(path: string): Generator<string, void, void> {
  for (let at = path; ; at = dirname(at)) {
    yield at;
    if (dirname(at) === at) return;
  }
}

/** What a file is reached by: the path itself, and where symbolic links lead. */
const bothPaths = (path: string): string[] => (isThere(path) ? [resolve(path), realpathSync(path)] : []);

/** The script that node was given, and the bundle beside it; none in the single executable. */
function ownScripts(): string[] {
  const script = process.argv[1];
  if (script === undefined || !isThere(script)) return [];
  return [script, join(dirname(realpathSync(script)), '../dist/umaptrace.js')];
}

const onPath = (name: string): string[] =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .filter(isThere)
    .slice(0, 1);

/** What root would run, with every folder on the way to it. @param bpftrace its path, if there is one */
export function ownedPaths(bpftrace: string | null): OwnedPath[] {
  const run = [
    process.execPath,
    ...ownScripts(),
    ...onPath('setpriv'),
    ...(bpftrace === null ? [] : [bpftrace]),
  ];
  const paths = new Set(run.flatMap(bothPaths).flatMap((path) => [...withFolders(path)]));
  return [...paths].map((path) => {
    const { uid, gid, mode } = statSync(path);
    return { path, uid, gid, mode };
  });
}
