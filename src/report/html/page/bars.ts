/** Bars of VMAs, with their marks, over time. */
import { PAGE } from '../../../page.ts';
import { firstWhere, type Row } from './layout.ts';
import { TOUCHED, ZAPPED } from './model.ts';
import { Pen } from './pen.ts';
import { xOf } from './scale.ts';
import { labelColour, palette, type Scene, type Window } from './scene.ts';

const LABEL_FROM = 34;
const MARKS_FROM = 6;
const ZAP = 2;
const TOUCH = 3;

interface Drawing {
  readonly canvas: CanvasRenderingContext2D;
  readonly scene: Scene;
  readonly pen: Pen;
}

/** Its stretches: mapped, zapped, touched. */
function bar({ scene, pen }: Drawing, vma: number, x0: number, x1: number, row: Row): void {
  const { model, scale } = scene;
  const colours = palette(scene, vma);
  const colour = (state: number): string => colours[state] ?? '';
  const right = Math.min(x1, scale.right);
  const left = Math.max(x0, scale.left);
  const base = model.base(vma);
  const final = model.final(vma);
  if (right - left < 2 || final === base) {
    pen.rect(left, right, row.y, row.height, colour(final));
    return;
  }
  const zapped = Math.min(Math.max(left, xOf(scale, model.zapped[vma] ?? 0)), right);
  const touched = model.touched[vma] ?? Number.NaN;
  const from = Number.isNaN(touched) ? right : Math.min(Math.max(zapped, xOf(scale, touched)), right);
  if (zapped > left) pen.rect(left, zapped, row.y, row.height, colour(base));
  if (from > zapped) pen.rect(zapped, from, row.y, row.height, colour(ZAPPED));
  if (right > from) pen.rect(from, right, row.y, row.height, colour(TOUCHED));
}

function label({ canvas, scene }: Drawing, vma: number, x0: number, x1: number, row: Row): void {
  const left = Math.max(x0, scene.scale.left);
  const width = Math.min(x1, scene.scale.right) - left;
  if (width < LABEL_FROM || row.height < 12) return;
  const size = Math.ceil((scene.model.size[vma] ?? 0) / PAGE);
  const name = `V${scene.model.number[vma]}`;
  canvas.fillStyle = labelColour(scene, vma);
  canvas.fillText(width > 80 ? `${name} ${size}p` : name, left + 4, row.y + row.height / 2 + 0.5, width - 6);
}

/** A bar that nobody tracks has an edge. */
function edge({ canvas, scene }: Drawing, vma: number, x0: number, x1: number, row: Row): void {
  const { model, theme, scale } = scene;
  const { kind, tracked } = model.data.vmas;
  const alarming = kind[vma] === 0 && tracked[vma] === 0;
  if (!alarming && vma !== scene.selected) return;
  canvas.strokeStyle = alarming && vma !== scene.selected ? theme.sigbus : theme.lit;
  canvas.lineWidth = vma === scene.selected ? 2 : 1;
  const left = Math.max(x0, scale.left) + 0.5;
  canvas.strokeRect(left, row.y + 0.5, Math.max(1, Math.min(x1, scale.right) - left - 0.5), row.height - 1);
}

function mark({ canvas, scene }: Drawing, entry: number, x: number, row: Row): void {
  const { model, theme } = scene;
  const kind = model.entryKind[entry];
  const middle = row.y + row.height / 2;
  const size = Math.min(4, row.height / 2);
  if (kind === ZAP) {
    canvas.fillStyle = theme.zap;
    canvas.fillRect(x - 1, row.y - 1, 2, row.height + 2);
    return;
  }
  if (model.field(entry, 2) === 1) return; // SIGBUS: drawn above all
  canvas.fillStyle = theme.touch;
  canvas.beginPath();
  canvas.arc(x, middle, size - 0.5, 0, 2 * Math.PI);
  canvas.fill();
}

function cross({ canvas, scene }: Drawing, x: number, row: Row): void {
  const middle = row.y + row.height / 2;
  const size = Math.max(2, Math.min(5, row.height / 2));
  canvas.strokeStyle = scene.theme.sigbus;
  canvas.lineWidth = 2;
  canvas.beginPath();
  canvas.moveTo(x - size, middle - size);
  canvas.lineTo(x + size, middle + size);
  canvas.moveTo(x + size, middle - size);
  canvas.lineTo(x - size, middle + size);
  canvas.stroke();
}

/** Zaps and touches of a bar, at most one every few pixels, and its first SIGBUS. */
function marks(drawing: Drawing, vma: number, row: Row): void {
  const { model, scale } = drawing.scene;
  const { from, order } = model.entries;
  const last = from[vma + 1] ?? 0;
  const nsOf = (place: number): number => model.entryNs[order[place] ?? 0] ?? 0;
  const step = 3 / scale.perNs;
  let at = firstWhere(from[vma] ?? 0, last, (place) => nsOf(place) >= scale.from);
  while (at < last && nsOf(at) <= scale.to) {
    const entry = order[at] ?? 0;
    const kind = model.entryKind[entry];
    const ns = nsOf(at);
    at++;
    if (kind !== ZAP && kind !== TOUCH) continue;
    mark(drawing, entry, xOf(scale, ns), row);
    at = firstWhere(
      at,
      last,
      (place) => nsOf(place) >= ns + step || model.entryKind[order[place] ?? 0] !== kind,
    );
  }
  const sigbus = model.sigbus[vma] ?? Number.NaN;
  if (sigbus >= scale.from && sigbus <= scale.to) cross(drawing, xOf(scale, sigbus), row);
}

/** The bars of a row that are seen; of those within one pixel, one. */
function drawRow(drawing: Drawing, row: Row): void {
  const { scene, pen } = drawing;
  const { model, layout, scale } = scene;
  const vmaAt = (place: number): number => layout.order[place] ?? 0;
  const endOf = (place: number): number => model.end[vmaAt(place)] ?? 0;
  let place = firstWhere(row.from, row.to, (at) => endOf(at) >= scale.from);
  while (place < row.to) {
    const vma = vmaAt(place);
    const x0 = xOf(scale, model.born[vma] ?? 0);
    if (x0 > scale.right) break;
    const x1 = Math.max(x0 + 1, xOf(scale, model.end[vma] ?? 0));
    const wide = x1 - x0 > 3;
    bar(drawing, vma, x0, wide ? x1 - 0.5 : x1, row);
    if (wide) {
      pen.flush();
      edge(drawing, vma, x0, x1, row);
      label(drawing, vma, x0, x1, row);
    }
    if (x1 - x0 >= MARKS_FROM) marks(drawing, vma, row);
    place++;
    if (!wide) {
      const next = scale.from + (x1 - scale.left) / scale.perNs;
      place = firstWhere(place, row.to, (at) => endOf(at) > next);
    }
  }
  pen.flush();
}

/** Draws the rows that are seen. The canvas is moved so that `y` counts from the first row of all. */
export function drawBars(canvas: CanvasRenderingContext2D, scene: Scene, seen: Window): void {
  const { rows } = scene.layout;
  const drawing = { canvas, scene, pen: new Pen(canvas) };
  canvas.font = '11px system-ui, sans-serif';
  canvas.textBaseline = 'middle';
  canvas.textAlign = 'left';
  const bottom = seen.top + seen.height;
  let at = firstWhere(0, rows.length, (i) => (rows[i]?.y ?? 0) + (rows[i]?.height ?? 0) >= seen.top);
  for (; at < rows.length; at++) {
    const row = rows[at];
    if (row === undefined || row.y > bottom) break;
    drawRow(drawing, row);
  }
}
