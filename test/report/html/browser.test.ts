import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, openReport } from '../../chromium.ts';
import { lifecycle } from '../../recording/lifecycle.ts';
import { mmapIo, open, Sample } from '../../recording/sample.ts';
import { unplug } from '../../recording/unplug.ts';
import { large } from '../large.ts';
import { render } from '../render.ts';

let browser: Browser;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'umaptrace-'));
  browser = await launchChromium();
  await write('unplug', unplug().bytes);
  await write('lifecycle', lifecycle().bytes);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true });
});

const file = (name: string): string => join(folder, `${name}.html`);
const write = async (name: string, bytes: Buffer): Promise<void> =>
  writeFile(file(name), render('html', bytes));

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the bar of V1 ... is, on the page. */
const place = (page: Page, vma: number): Promise<Place> =>
  page.evaluate(`(() => { const a = window.umaptrace; return a.place(a.model.find(${vma})); })()`);
/** Time at the left and at the right edge, ns. */
const seen = (page: Page): Promise<{ from: number; to: number }> =>
  page.evaluate('(({ from, to }) => ({ from, to }))(window.umaptrace.zoom.scale)');
/** Colour of a point of the page, as drawn on the canvas of the bars. */
const colour = (page: Page, x: number, y: number): Promise<number[]> =>
  page.evaluate(
    `(() => { const c = document.getElementById('bars'), r = c.getBoundingClientRect(); return [...c.getContext('2d').getImageData(${x} - r.left, ${y} - r.top, 1, 1).data]; })()`,
  );
const drawn = (page: Page): Promise<unknown> =>
  page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
const details = (page: Page): Promise<string> =>
  page.evaluate('document.getElementById("details").innerText');

async function click(page: Page, vma: number): Promise<void> {
  const { x, y, width, height } = await place(page, vma);
  await page.mouse.click(x + Math.min(8, width / 2), y + height / 2);
  await drawn(page);
}

describe('the page of unplug', () => {
  it('opens from a file without a request, an error or a word on the console, light and dark', async () => {
    for (const dark of [false, true]) {
      const { page, wrongs } = await openReport(browser, file('unplug'), { dark });
      await page.evaluate('window.umaptrace.draw()');
      expect(wrongs).toEqual([]);
      await page.close();
    }
  });

  it('draws bars by state: mapped, zapped, touched', async () => {
    const { page } = await openReport(browser, file('unplug'));
    const { x, y, width, height } = await place(page, 1);
    const at = async (part: number): Promise<number[]> => colour(page, x + width * part, y + 2);
    const [mapped, zapped, touched] = [await at(0.3), await at(0.83), await at(0.95)];
    expect(mapped).toEqual([0x4c, 0x86, 0xd9, 255]);
    expect(zapped).toEqual([0xa4, 0x5b, 0xc4, 255]);
    expect(touched).toEqual([0xe0, 0x8a, 0x1e, 255]);
    expect(height).toBeGreaterThan(10);
    await page.close();
  });

  it('lights the lineage of what is clicked, and lists its history', async () => {
    const { page } = await openReport(browser, file('unplug'));
    const other = await place(page, 2);
    const before = await colour(page, other.x + 40, other.y + 3);
    await click(page, 3);
    expect(await details(page)).toMatch(/V3\s+unplug\[313\]/);
    expect(await details(page)).toMatch(/cgroup\s+4712, path not known/i);
    expect(await details(page)).toMatch(
      /fork of V1[\s\S]*zap 0x7f31c5a00000 4p[\s\S]*wrote 0x7f31c5a01000\s+SIGBUS[\s\S]*exit/,
    );
    const parent = await place(page, 1);
    expect(await colour(page, parent.x + 60, parent.y + 3)).toEqual(before);
    expect(await colour(page, other.x + 40, other.y + 3)).not.toEqual(before);
    await page.locator('#details button', { hasText: /^V1$/ }).click();
    expect(await details(page)).toMatch(/^V1/);
    await page.keyboard.press('c');
    expect(await details(page)).toMatch(/^V3/);
    await page.close();
  });

  it('zooms and pans by wheel, drag and keys', async () => {
    const { page } = await openReport(browser, file('unplug'));
    const whole = await seen(page);
    const { x, y } = await place(page, 1);
    await page.mouse.move(x + 300, y + 200);
    await page.mouse.wheel(0, -400);
    await drawn(page);
    const near = await seen(page);
    expect(near.to - near.from).toBeLessThan((whole.to - whole.from) * 0.8);
    await page.mouse.down();
    await page.mouse.move(x + 100, y + 200, { steps: 5 });
    await page.mouse.up();
    const dragged = await seen(page);
    expect(dragged.from).toBeGreaterThan(near.from);
    expect(dragged.to - dragged.from).toBeCloseTo(near.to - near.from, -3);
    await page.locator('#stage').focus();
    await page.keyboard.press('ArrowLeft');
    expect((await seen(page)).from).toBeLessThan(dragged.from);
    await page.keyboard.press('+');
    const nearer = await seen(page);
    expect(nearer.to - nearer.from).toBeLessThan(dragged.to - dragged.from);
    await page.keyboard.press('0');
    expect(await seen(page)).toEqual(whole);
    await page.close();
  });

  it('walks by keys from VMA to VMA, to parents and children', async () => {
    const { page } = await openReport(browser, file('unplug'));
    await page.locator('#stage').focus();
    const press = async (key: string): Promise<string> => {
      await page.keyboard.press(key);
      return (await details(page)).split(/\s/)[0] ?? '';
    };
    expect(await press(']')).toBe('V1');
    expect(await press('c')).toBe('V3');
    expect(await press(']')).toBe('V4');
    expect(await press('p')).toBe('V2');
    expect(await press('Escape')).toBe('Select');
    expect(await press('[')).toBe('V4');
    await page.close();
  });

  it.each([
    ['313', '2 VMAs'],
    ['UNPLUG', '4 VMAs'],
    ['/Test.slice', '2 VMAs'],
    ['0x7f31c5a05000', '2 VMAs'],
    ['v4', '1 VMA'],
    ['nothing', '0 VMAs'],
  ])('finds %s', async (text, count) => {
    const { page } = await openReport(browser, file('unplug'));
    await page.keyboard.press('/');
    await page.keyboard.type(text);
    expect(await page.locator('#matches').textContent()).toBe(count);
    await page.keyboard.press('Enter');
    const first = await details(page);
    expect(first.startsWith('V')).toBe(count !== '0 VMAs');
    await page.close();
  });

  it('goes where a link in the summary points', async () => {
    const { page } = await openReport(browser, file('unplug'));
    await page.locator('a[href="#D1"]').first().click();
    await drawn(page);
    const { from, to } = await seen(page);
    expect(from).toBeGreaterThan(0.8e9);
    expect(from).toBeLessThan(1.002e9);
    expect(to).toBeGreaterThan(1.2547e9);
    expect(to).toBeLessThan(1.45e9);
    await page.close();
  });

  it('opens at what its address names', async () => {
    const { page } = await openReport(browser, file('unplug'), { hash: '#V4' });
    expect(await details(page)).toMatch(/^V4/);
    await page.close();
  });

  it('prints', async () => {
    const { page, wrongs } = await openReport(browser, file('unplug'));
    expect((await page.pdf()).length).toBeGreaterThan(10_000);
    expect(wrongs).toEqual([]);
    await page.close();
  });
});

describe('the page of lifecycle', () => {
  it('shows an address space as shapes', async () => {
    const { page } = await openReport(browser, file('lifecycle'), { hash: '#V1' });
    expect(await page.locator('#mm option').count()).toBe(2);
    const painted: number = await page.evaluate(
      `(() => { const c = document.getElementById('addresses'); const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i] === 255) n++; return n; })()`,
    );
    expect(painted).toBeGreaterThan(5000);
    await page.close();
  });

  it('hatches what was lost', async () => {
    const { page } = await openReport(browser, file('lifecycle'));
    const gap: { x: number; width: number } = await page.evaluate(
      `(() => { const a = window.umaptrace, g = a.model.data.gaps[0], s = a.zoom.scale; const x = (ns) => s.left + (ns - s.from) * s.perNs; return { x: x(g.from), width: x(g.to) - x(g.from) }; })()`,
    );
    const reds: number = await page.evaluate(
      `(() => { const c = document.getElementById('bars'); const d = c.getContext('2d').getImageData(${Math.round(gap.x)}, 30, ${Math.max(4, Math.round(gap.width))}, 60).data; let n = 0; for (let i = 0; i < d.length; i += 4) if (d[i] > 150 && d[i + 1] < 140 && d[i + 3] > 0) n++; return n; })()`,
    );
    expect(reds).toBeGreaterThan(20);
    await page.close();
  });
});

describe('hostile names', () => {
  const EVIL = '<img src=x oner';
  const markup = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;

  it('are shown as text and do nothing', async () => {
    const evil = { pid: 66, comm: EVIL };
    const mapping = {
      vma: 'ffff8881000000f0',
      mm: 'ffff88810000a000',
      start: 0x7f31c5a00000,
      pages: 1,
      umap: 'ffff888100000f80',
    };
    const sample = new Sample({
      hostname: markup,
      kernel: `${markup}\u001b[31m`,
      bpftrace: '</script><script>alert(3)</script>',
    })
      .tell(0, evil, { what: 'device', rdev: (231 << 20) | 192, uverbs: 'uverbs0', name: '<b>rxe0</b>' })
      .tell(10, evil, open())
      .tell(20, evil, mmapIo(mapping, 1))
      .line(`{"note":{"text":${JSON.stringify(markup)}}}\n`);
    await write('evil', sample.bytes);
    const { page, wrongs } = await openReport(browser, file('evil'), { hash: '#V1' });
    await page.keyboard.press('/');
    await page.keyboard.type(EVIL);
    await page.keyboard.press('Enter');
    expect(await details(page)).toContain(`${EVIL}[66]`);
    expect(await page.locator('img, script').count()).toBe(2);
    expect(await page.locator('body b').allInnerTexts()).not.toContain('rxe0');
    expect(await page.locator('h1').textContent()).toContain(markup);
    expect(wrongs).toEqual([]);
    await page.close();
  });
});

describe('100,000 VMAs', () => {
  const MANY = 100_000;

  it.each([500, MANY])(
    'in processes of %i are shown within 3 s, and a zoom step within 100 ms',
    { retry: 2, timeout: 120_000 },
    async (perProcess) => {
      await write('large', large(MANY, perProcess));
      expect((await stat(file('large'))).size).toBeLessThan(20e6);
      const began = performance.now();
      const { page, wrongs } = await openReport(browser, file('large'));
      const { x, y } = await place(page, 1);
      expect((await colour(page, x + 2, y + 1))[3]).toBe(255);
      expect(performance.now() - began).toBeLessThan(3000);
      const steps: number[] = await page.evaluate(`(async () => {
      const took = [];
      for (let i = 0; i < 12; i++) {
        const began = performance.now();
        window.umaptrace.zoom.step(i < 8 ? 1 : -1);
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        document.getElementById('bars').getContext('2d').getImageData(300, 100, 1, 1);
        took.push(performance.now() - began);
      }
      return took;
    })()`);
      expect(steps.toSorted((a, b) => a - b)[steps.length >> 1]).toBeLessThan(100);
      expect(wrongs).toEqual([]);
      await page.close();
    },
  );

  it('are all that is shown; the others are counted', async () => {
    const html = render('html', large(MANY + 1234));
    expect(html).toContain('1,234 VMAs after the first 100,000 VMAs');
  }, 120_000);
});
