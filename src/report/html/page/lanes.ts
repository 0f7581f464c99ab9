/** The first view: one lane a process within each ufile, one bar a VMA. */
import { drawBars } from './bars.ts';
import { prepare } from './canvas.ts';
import { element } from './element.ts';
import { drawBack, drawGaps, drawNames } from './frame.ts';
import { firstWhere, type Layout } from './layout.ts';
import { copiesByBirth, drawLines } from './lines.ts';
import type { Model } from './model.ts';
import { nsAt, type Scale, xOf } from './scale.ts';
import type { Scene } from './scene.ts';

const LEAST_HEIGHT = 140;
/** Of the window, for the lanes. */
const MOST_PART = 0.55;

export class Lanes {
  readonly bars = element('bars', HTMLCanvasElement);
  readonly #model: Model;
  readonly #layout: Layout;
  readonly #copies: Int32Array;
  readonly #box = element('lanes', HTMLElement);

  /** @param scrolled is called when other lanes have come into view */
  constructor(model: Model, layout: Layout, scrolled: () => void) {
    this.#model = model;
    this.#layout = layout;
    this.#copies = copiesByBirth({ model });
    this.#box.addEventListener('scroll', scrolled);
  }

  /** CSS pixels. */
  get width(): number {
    return this.#box.clientWidth;
  }

  /** Moves the lanes by so many pixels. */
  scrollBy(pixels: number): void {
    this.#box.scrollTop += pixels;
  }

  /** Scrolls so that a place among the lanes is in the middle. */
  scrollTo(y: number): void {
    this.#box.scrollTop = y - this.#box.clientHeight / 2;
  }

  /** Takes as much of the window as the lanes need, within bounds. */
  resize(): void {
    const most = Math.max(LEAST_HEIGHT, window.innerHeight * MOST_PART);
    const height = Math.min(most, Math.max(LEAST_HEIGHT, this.#layout.height + 4));
    this.#box.style.height = `${Math.round(height)}px`;
  }

  draw(scene: Scene): void {
    const height = this.#box.clientHeight;
    const canvas = prepare(this.bars, this.#box.clientWidth, height);
    element('tall', HTMLElement).style.height = `${Math.max(0, this.#layout.height - height)}px`;
    if (canvas === null) return;
    const seen = { top: this.#box.scrollTop, height };
    canvas.translate(0, -seen.top);
    drawBack(canvas, scene, seen);
    drawBars(canvas, scene, seen);
    drawLines(canvas, scene, this.#copies, seen);
    drawGaps(canvas, scene, seen);
    drawNames(canvas, scene, seen);
  }

  /** Where a VMA's bar is on the page, in CSS pixels; null when it is not in view. */
  place(vma: number, scale: Scale): { x: number; y: number; width: number; height: number } | null {
    const row = this.#layout.rows[this.#layout.rowOf[vma] ?? -1];
    const { left, top } = this.bars.getBoundingClientRect();
    const x = Math.max(scale.left, xOf(scale, this.#model.born[vma] ?? 0));
    const end = Math.min(scale.right, xOf(scale, this.#model.end[vma] ?? 0));
    if (row === undefined || end < x) return null;
    return { x: left + x, y: top + row.y - this.#box.scrollTop, width: end - x, height: row.height };
  }

  /** The VMA at a point of the lanes; -1: none. */
  at(event: MouseEvent, scale: Scale): number {
    const { left, top } = this.bars.getBoundingClientRect();
    const x = event.clientX - left;
    const y = event.clientY - top + this.#box.scrollTop;
    const { rows, order } = this.#layout;
    const row = rows[firstWhere(0, rows.length, (i) => (rows[i]?.y ?? 0) + (rows[i]?.height ?? 0) >= y)];
    if (row === undefined || y < row.y - 2) return -1;
    const near = 3 / scale.perNs;
    const ns = nsAt(scale, x);
    const place = firstWhere(row.from, row.to, (at) => (this.#model.end[order[at] ?? 0] ?? 0) >= ns - near);
    const vma = order[place] ?? -1;
    return place < row.to && (this.#model.born[vma] ?? 0) <= ns + near ? vma : -1;
  }
}
