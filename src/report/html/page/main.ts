/** The page's script: reads the data that the file carries, and shows it. */
import type { PageData } from '../data.ts';
import { App } from './app.ts';
import { connect } from './controls.ts';
import { Model } from './model.ts';

declare global {
  interface Window {
    /** For scripts: the timeline that is shown, once it is. */
    umaptrace?: App;
  }
}

/** The data, as src/report/html/document.ts wrote it. */
async function readData(): Promise<PageData> {
  const text = document.getElementById('data')?.textContent ?? '';
  const packed = atob(text);
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i++) bytes[i] = packed.charCodeAt(i);
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const data: PageData = await new Response(inflated).json();
  return data;
}

async function main(): Promise<void> {
  const app = new App(new Model(await readData()));
  app.draw();
  connect(app);
  window.umaptrace = app;
}

void main().catch((error: unknown) => {
  const status = document.getElementById('status');
  if (status !== null) status.textContent = `The timeline cannot be shown: ${String(error)}`;
  throw error;
});
