import { realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { OwnedPath } from '../../doctor/facts.ts';
import { isThere, namesIn } from './read.ts';

/** A path and all folders above it. */
function* withFolders(path: string): Generator<string, void, void> {
  for (let at = path; ; at = dirname(at)) {
    yield at;
    if (dirname(at) === at) return;
  }
}

/** What a file is reached by: the path itself, and where symbolic links lead. */
const bothPaths = (path: string): string[] => (isThere(path) ? [resolve(path), realpathSync(path)] : []);

/** The script that node was given, and all that the build put beside it; none in the single executable. */
function ownScripts(): string[] {
  const script = process.argv[1];
  if (script === undefined || !isThere(script)) return [];
  const built = join(dirname(realpathSync(script)), '../dist');
  return [script, ...(namesIn(built) ?? []).map((name) => join(built, name))];
}

/** What is run by its name, here and by the shell that holds the audit. */
const NAMES = ['setpriv', 'env', 'unshare', 'nsenter', 'sh', 'mount', 'cat', 'grep'];

/** A program that is found on a PATH, and the folders before its own, in which another one of the same name would come first. */
export function onPath(name: string, path: string): string[] {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  const at = folders.findIndex((folder) => isThere(join(folder, name)));
  return at < 0 ? [] : [...folders.slice(0, at), join(folders[at] ?? '', name)];
}

/** What root would run, with every folder on the way to it. @param bpftrace its path, if there is one */
export function ownedPaths(bpftrace: string | null): OwnedPath[] {
  const run = [
    process.execPath,
    ...ownScripts(),
    ...NAMES.flatMap((name) => onPath(name, process.env['PATH'] ?? '')),
    ...(bpftrace === null ? [] : [bpftrace]),
  ];
  const paths = new Set(run.flatMap(bothPaths).flatMap((path) => [...withFolders(path)]));
  return [...paths].map((path) => {
    const { uid, gid, mode } = statSync(path);
    return { path, uid, gid, mode };
  });
}
