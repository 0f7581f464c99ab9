/** One address space over time: where splits and truncations are seen as shapes. */
import { PAGE } from '../../../page.ts';
import type { Model } from './model.ts';
import { TOUCHED, ZAPPED } from './model.ts';
import { GUTTER, xOf } from './scale.ts';
import { labelColour, palette, type Scene } from './scene.ts';
import { type Region, regionsOf, type Shape, shapesOf, yOf } from './shapes.ts';

/** What has been drawn of each line of pixels, as one stretch: what is within it cannot be told apart. */
class Covered {
  readonly #stretches = new Map<number, { from: number; to: number }>();

  /** Whether a stretch has been drawn; it counts as drawn from now on. */
  has(from: number, to: number, y: number): boolean {
    const line = Math.round(y);
    const drawn = this.#stretches.get(line);
    if (drawn === undefined || from > drawn.to + 1 || to < drawn.from - 1) {
      this.#stretches.set(line, { from, to });
      return false;
    }
    if (from >= drawn.from - 0.5 && to <= drawn.to + 0.5) return true;
    drawn.from = Math.min(drawn.from, from);
    drawn.to = Math.max(drawn.to, to);
    return false;
  }
}

export class Space {
  readonly #model: Model;
  readonly shapes: readonly Shape[];
  readonly regions: readonly Region[];

  /** @param height of the drawing, CSS pixels */
  constructor(model: Model, vmas: readonly number[], height: number) {
    this.#model = model;
    this.shapes = vmas.flatMap((vma) => shapesOf(model, vma));
    this.regions = regionsOf(this.shapes, height - 8).map((region) => ({ ...region, y: region.y + 4 }));
  }

  draw(canvas: CanvasRenderingContext2D, scene: Scene): void {
    this.#drawRegions(canvas, scene);
    const covered = new Covered();
    const { scale } = scene;
    for (const shape of this.shapes) {
      if (shape.to < scale.from || shape.from > scale.to) continue;
      const x0 = Math.max(scale.left, xOf(scale, shape.from));
      const x1 = Math.max(x0 + 1, Math.min(scale.right, xOf(scale, shape.to)));
      const [top, bottom] = [yOf(this.regions, shape.end), yOf(this.regions, shape.start)];
      const small = bottom - top < 1 || x1 - x0 < 1.5;
      if (small && covered.has(x0, x1, top)) continue;
      this.#drawShape(canvas, scene, shape, { x0, x1, top, bottom });
    }
  }

  #drawShape(
    canvas: CanvasRenderingContext2D,
    scene: Scene,
    { vma, start, end }: Shape,
    { x0, x1, top, bottom }: { x0: number; x1: number; top: number; bottom: number },
  ): void {
    const model = this.#model;
    const colours = palette(scene, vma);
    const height = Math.max(1, bottom - top - (bottom - top > 4 ? 1 : 0));
    const fill = (from: number, to: number, state: number): void => {
      const [left, right] = [Math.max(x0, from), Math.min(x1, to)];
      if (right <= left) return;
      canvas.fillStyle = colours[state] ?? '';
      canvas.fillRect(left, top, right - left, height);
    };
    const at = (ns: number | undefined): number => {
      const x = xOf(scene.scale, ns ?? Number.NaN);
      return Number.isNaN(x) ? Number.POSITIVE_INFINITY : x;
    };
    const zapped = at(model.zapped[vma]);
    const touched = Math.max(zapped, at(model.touched[vma]));
    fill(x0, Math.max(zapped, x0 + (x1 - x0 < 1.5 ? 1 : 0)), model.base(vma));
    fill(zapped, touched, model.base(vma) === 3 ? 3 : ZAPPED);
    fill(touched, x1, model.base(vma) === 3 ? 3 : TOUCHED);
    if (vma === scene.selected) {
      canvas.strokeStyle = scene.theme.lit;
      canvas.lineWidth = 2;
      canvas.strokeRect(x0 + 0.5, top + 0.5, Math.max(1, x1 - x0 - 1), Math.max(1, height - 1));
    }
    if (x1 - x0 > 40 && height > 11) {
      canvas.fillStyle = labelColour(scene, vma);
      canvas.fillText(
        `V${model.number[vma]} ${Math.ceil((end - start) / PAGE)}p`,
        x0 + 4,
        top + height / 2,
        x1 - x0 - 6,
      );
    }
  }

  #drawRegions(canvas: CanvasRenderingContext2D, { theme, scale }: Scene): void {
    canvas.textBaseline = 'alphabetic';
    canvas.textAlign = 'right';
    canvas.font = '11px ui-monospace, monospace';
    let last = Number.POSITIVE_INFINITY;
    for (const { start, y, height } of this.regions) {
      canvas.fillStyle = theme.rule;
      canvas.fillRect(GUTTER, y + height, scale.right - GUTTER, 1);
      canvas.fillStyle = theme.dim;
      if (last - (y + height) > 12) {
        canvas.fillText(`0x${start.toString(16)}`, GUTTER - 6, y + height, GUTTER - 10);
        last = y + height;
      }
    }
    canvas.textBaseline = 'middle';
    canvas.textAlign = 'left';
    canvas.font = '11px system-ui, sans-serif';
  }

  /** The VMA at a point; -1: none. */
  at(scene: Scene, x: number, y: number): number {
    for (const { vma, from, to, start, end } of this.shapes) {
      const inTime = x >= xOf(scene.scale, from) - 1 && x <= xOf(scene.scale, to) + 1;
      if (inTime && y >= yOf(this.regions, end) - 1 && y <= yOf(this.regions, start) + 1) return vma;
    }
    return -1;
  }
}
