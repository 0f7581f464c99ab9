/** Builds dist/umaptrace.js: one file with everything in it, so that it starts fast and installs alone. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { generated } from './generate.ts';

const root = new URL('../', import.meta.url);

/** The common options of the bundle and of the single executable. */
export const bundleOptions: BuildOptions = {
  entryPoints: [fileURLToPath(new URL('src/cli/entry.ts', root))],
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: false,
  legalComments: 'none',
  logLevel: 'warning',
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
