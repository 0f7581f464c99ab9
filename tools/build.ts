/** Builds dist/umaptrace.js and the pieces that it loads when a verb needs them: so it starts fast, and installs alone. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { generated } from './generate.ts';

const root = new URL('../', import.meta.url);
const ENTRY = fileURLToPath(new URL('src/cli/entry.ts', root));

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
  minify: false,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [lazyWidth],
};

/** Writes the generated sources again and bundles. */
export async function buildBundle(): Promise<void> {
  for (const [path, content] of Object.entries(generated())) await writeFile(new URL(path, root), content);
  const outdir = fileURLToPath(new URL('dist/', root));
  for (const name of await readdir(outdir).catch(() => []))
    if (name.endsWith('.js')) await rm(join(outdir, name)); // pieces have other names each time
  await build({
    ...bundleOptions,
    entryPoints: [{ in: ENTRY, out: 'umaptrace' }],
    format: 'esm',
    splitting: true,
    outdir,
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
}

if (import.meta.filename === process.argv[1]) await buildBundle();
