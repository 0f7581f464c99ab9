/** Builds dist/umaptrace.js: one file with everything in it, so that it starts fast and installs alone. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { generated } from './generate.ts';

const root = new URL('../', import.meta.url);

const EAGER = 'const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;';
const LAZY = 'let emoji; const rgiEmojiRegex = { test: text => (emoji ??= /^\\p{RGI_Emoji}$/v).test(text) };';

/** string-width knows all emoji, which takes 10 ms to make: only where a text is measured that may hold any. */
const lazyEmoji: Plugin = {
  name: 'lazy-emoji',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/string-width\/index\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!source.includes(EAGER)) throw new Error(`${path} makes its emoji in another way`);
      return { contents: source.replace(EAGER, () => LAZY), loader: 'js' };
    }),
};

/** The common options of the bundle and of the single executable. */
export const bundleOptions: BuildOptions = {
  entryPoints: [fileURLToPath(new URL('src/cli/entry.ts', root))],
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: false,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [lazyEmoji],
};

/** Writes the generated sources again and bundles. */
export async function buildBundle(): Promise<void> {
  for (const [path, content] of Object.entries(generated())) await writeFile(new URL(path, root), content);
  await build({
    ...bundleOptions,
    format: 'esm',
    outfile: fileURLToPath(new URL('dist/umaptrace.js', root)),
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
}

if (import.meta.filename === process.argv[1]) await buildBundle();
