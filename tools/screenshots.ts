/** node tools/run.js tools/screenshots.ts [RECORDING]: the HTML report of a recording (the demo's), light and dark, for docs/. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from '../src/cli/main.ts';
import { launchChromium, openReport } from '../test/chromium.ts';

const root = new URL('../', import.meta.url);
const path = (name: string): string => fileURLToPath(new URL(name, root));
const [recording = path('demo/umaptrace.rec')] = process.argv.slice(2);

const folder = await mkdtemp(join(tmpdir(), 'umaptrace-'));
const page = join(folder, 'report.html');
const browser = await launchChromium();
try {
  if ((await main(['report', recording, '-o', page])) !== 0) throw new Error('no report');
  for (const theme of ['light', 'dark'] as const) {
    const opened = await openReport(browser, page, {
      hash: '#V4',
      dark: theme === 'dark',
      width: 1320,
      height: 900,
    });
    await opened.page.evaluate('window.umaptrace.zoom.fit(); window.umaptrace.draw()');
    await opened.page.screenshot({ path: path(`docs/report-${theme}.png`), fullPage: true });
  }
} finally {
  await browser.close();
  await rm(folder, { recursive: true });
}
