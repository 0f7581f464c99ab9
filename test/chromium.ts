/** A headless Chromium for tests of the HTML report: Debian's, driven by playwright-core. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { installCommand, installPackage } from './debian.ts';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const find = (): string | undefined =>
  [process.env['CHROMIUM'], ...PLACES].find((path) => path && existsSync(path));

/** Installs Chromium when it is missing and that is possible. For the set-up of a test run. */
export function installChromium(): void {
  if (find() === undefined) installPackage('chromium');
}

/**
 * Starts Chromium.
 * @throws Error that says how to install it
 */
export function launchChromium(): Promise<Browser> {
  const path = find();
  if (path === undefined)
    throw new Error(`these tests need Chromium: as root, ${installCommand('chromium')} (or set CHROMIUM)`);
  return chromium.launch({ executablePath: path, args: FLAGS });
}

/** A page, with what it did that it should not: requests, errors, messages on its console. */
export interface WatchedPage {
  readonly page: Page;
  readonly wrongs: readonly string[];
}

/** Opens a file in a new window and waits until its timeline is shown. */
export async function openReport(
  browser: Browser,
  path: string,
  options: {
    readonly hash?: string;
    readonly dark?: boolean;
    readonly width?: number;
    readonly height?: number;
  } = {},
): Promise<WatchedPage> {
  const { hash = '', dark = false, width = 1280, height = 1000 } = options;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light' });
  const wrongs: string[] = [];
  page.on('console', (message) => {
    if (!message.text().includes('willReadFrequently')) wrongs.push(`console: ${message.text()}`); // our own reading of pixels
  });
  page.on('pageerror', (error) => wrongs.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    wrongs.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url() !== `file://${path}`) wrongs.push(`request: ${request.url()}`);
  });
  await page.goto(`file://${path}${hash}`);
  await page.waitForFunction('window.umaptrace !== undefined');
  return { page, wrongs };
}
