/** Lines from parents to children. */
import { firstWhere } from './layout.ts';
import { xOf } from './scale.ts';
import type { Scene, Window } from './scene.ts';

/** More lines than these say nothing. */
const MOST_LINES = 3000;

/** VMAs that have a parent, in order of their births. */
export function copiesByBirth(scene: Pick<Scene, 'model'>): Int32Array {
  const { model } = scene;
  const copies = new Int32Array(model.count).map((_, vma) => vma).filter((vma) => model.parent(vma) >= 0);
  return copies.sort((a, b) => (model.born[a] ?? 0) - (model.born[b] ?? 0));
}

function path(canvas: CanvasRenderingContext2D, scene: Scene, vma: number, from: number, to: number): void {
  const { model, layout, scale } = scene;
  const x = xOf(scale, model.born[vma] ?? 0);
  const row = layout.rows[layout.rowOf[vma] ?? 0];
  const down = to > from;
  const start = from + (down ? (row?.height ?? 0) / 4 : -(row?.height ?? 0) / 4);
  canvas.moveTo(x - 0.5, start);
  const bend = Math.min(14, Math.abs(to - start) / 3);
  canvas.bezierCurveTo(
    x - 1 - bend,
    start + (down ? bend : -bend),
    x - 1 - bend,
    to - (down ? bend : -bend),
    x,
    to,
  );
}

const middleOf = ({ layout }: Scene, vma: number): number => {
  const row = layout.rows[layout.rowOf[vma] ?? 0];
  return (row?.y ?? 0) + (row?.height ?? 0) / 2;
};

function* visible(
  scene: Scene,
  copies: Int32Array,
  seen: Window,
): Generator<readonly [number, number, number]> {
  const { model, scale } = scene;
  const bornAt = (place: number): number => model.born[copies[place] ?? 0] ?? 0;
  const first = firstWhere(0, copies.length, (place) => bornAt(place) >= scale.from);
  const drawn = new Set<string>();
  for (let at = first; at < copies.length && bornAt(at) <= scale.to; at++) {
    const vma = copies[at] ?? 0;
    const parent = model.parent(vma);
    const [from, to] = [middleOf(scene, parent), middleOf(scene, vma)];
    if (Math.max(from, to) < seen.top || Math.min(from, to) > seen.top + seen.height) continue;
    const key = `${Math.round(xOf(scale, bornAt(at)))} ${from} ${to}`;
    if (drawn.has(key)) continue;
    drawn.add(key);
    if (drawn.size > MOST_LINES) return;
    yield [vma, from, to];
  }
}

/** Draws the lines of the copies made in the time that is seen; those of the chosen lineage above the others. */
export function drawLines(
  canvas: CanvasRenderingContext2D,
  scene: Scene,
  copies: Int32Array,
  seen: Window,
): void {
  const { lit, theme } = scene;
  const chosen: (readonly [number, number, number])[] = [];
  canvas.lineWidth = 1;
  canvas.strokeStyle = theme.line;
  canvas.globalAlpha = lit === null ? 0.8 : 0.3;
  canvas.beginPath();
  for (const [vma, from, to] of visible(scene, copies, seen)) {
    if (lit?.[vma] === 1) chosen.push([vma, from, to]);
    else path(canvas, scene, vma, from, to);
  }
  canvas.stroke();
  canvas.globalAlpha = 1;
  canvas.strokeStyle = theme.lit;
  canvas.lineWidth = 2;
  canvas.beginPath();
  for (const [vma, from, to] of chosen) path(canvas, scene, vma, from, to);
  canvas.stroke();
}
