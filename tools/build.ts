/** Builds dist/umaptrace.cjs, all in one file, so that it installs alone; and a .v8 file, compiled for this Node, so that it starts fast. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { execa } from 'execa';
import { generated } from './generate.ts';

const root = new URL('../', import.meta.url);
const ENTRY = fileURLToPath(new URL('src/cli/entry.ts', root));
const COMPILE = fileURLToPath(new URL('tools/compile.cjs', root));

/** What string-width makes when it is loaded, and how it is made when a text is measured that is not plain ASCII. */
const LAZY: Readonly<Record<string, string>> = {
  'const segmenter = new Intl.Segmenter();':
    'let segments; const segmenter = { segment: text => (segments ??= new Intl.Segmenter()).segment(text) };',
  'const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;':
    'let emoji; const rgiEmojiRegex = { test: text => (emoji ??= /^\\p{RGI_Emoji}$/v).test(text) };',
};

/** Both take longer than all else that is evaluated when umaptrace starts. */
const lazyWidth: Plugin = {
  name: 'lazy-width',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/string-width\/index\.js$/ }, async ({ path }) => {
      let contents = await readFile(path, 'utf8');
      for (const [eager, lazy] of Object.entries(LAZY)) {
        if (!contents.includes(eager)) throw new Error(`${path} has no ${eager}`);
        contents = contents.replace(eager, () => lazy);
      }
      return { contents, loader: 'js' };
    }),
};

/** The common options of the bundle and of the single executable. */
export const bundleOptions: BuildOptions = {
  entryPoints: [ENTRY],
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: false,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [lazyWidth],
};

const dist = (name = ''): string => fileURLToPath(new URL(`dist/${name}`, root));

/** The bundle is read as latin1, which is fast. */
async function requireAscii(path: string): Promise<void> {
  const [line] = /^.*[^\0-\x7f].*$/m.exec(await readFile(path, 'latin1')) ?? [];
  if (line !== undefined) throw new Error(`${path} has more than ASCII: ${line.slice(0, 200)}`);
}

/**
 * What these compile is kept compiled. Of all verbs a trace must start fast: this one ends before it has a recording, on any machine, for
 * its ready file has no folder; `doctor` looks at the machine and starts programs for everybody.
 */
const WARM_UP = ['doctor', 'record --ready-file /nowhere/ready'];

/** Runs the bundle, on whatever machine this is, with a bpftrace that does nothing, and keeps what V8 has compiled of it. */
async function compile(bundle: string, compiled: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'umaptrace-build-'));
  try {
    await writeFile(join(folder, 'bpftrace'), '#!/bin/sh\n', { mode: 0o755 });
    const env = { PATH: `${folder}${delimiter}${process.env['PATH']}` };
    await execa(process.execPath, [COMPILE, bundle, compiled, ...WARM_UP], { stdio: 'ignore', env });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Writes the generated sources again and bundles. */
export async function buildBundle(): Promise<void> {
  for (const [path, content] of Object.entries(generated())) await writeFile(new URL(path, root), content);
  await mkdir(dist(), { recursive: true });
  // What is compiled belongs to its source: V8 tells that by its length only.
  for (const name of await readdir(dist())) if (/\.(?:c?js|v8)$/.test(name)) await rm(join(dist(), name));
  const bundle = dist('umaptrace.cjs');
  const wrapper = { banner: { js: '(function (require, __dirname) {' }, footer: { js: '})' } };
  await build({ ...bundleOptions, ...wrapper, outfile: bundle });
  await requireAscii(bundle);
  await compile(bundle, dist(`umaptrace.${process.version}-${process.arch}.v8`));
}

if (import.meta.filename === process.argv[1]) await buildBundle();
