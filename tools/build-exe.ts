/** Builds dist/exe/umaptrace: Node and the bundle in one executable, for hosts without Node (Node's SEA). */
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { execa } from 'execa';
import { bundleOptions } from './build.ts';

const folder = new URL('../dist/exe/', import.meta.url);
const path = (name: string): string => fileURLToPath(new URL(name, folder));
/** The mark in the node binary that tells where to put the blob (Node's documentation, "Single executable applications"). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

await mkdir(folder, { recursive: true });
await build({ ...bundleOptions, outfile: path('umaptrace.cjs') });
const config = {
  main: path('umaptrace.cjs'),
  output: path('umaptrace.blob'),
  disableExperimentalSEAWarning: true,
};
await writeFile(path('sea.json'), JSON.stringify(config));
await execa(process.execPath, ['--experimental-sea-config', path('sea.json')], { stdio: 'inherit' });
await copyFile(process.execPath, path('umaptrace'));
await chmod(path('umaptrace'), 0o755);
await execa(
  'postject',
  [path('umaptrace'), 'NODE_SEA_BLOB', path('umaptrace.blob'), '--sentinel-fuse', FUSE],
  {
    preferLocal: true,
    stdio: ['ignore', 'ignore', 'inherit'],
  },
);
