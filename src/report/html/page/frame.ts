/** What lies behind and around the bars: ufiles, lanes, disassociations with their phases, gaps. */
import type { DisassociationData } from '../data.ts';
import { type Group, HEAD } from './layout.ts';
import { GUTTER, xOf } from './scale.ts';
import type { Scene, Window } from './scene.ts';

type Canvas = CanvasRenderingContext2D;

/** A stretch of time as pixels, at least one; null when it is not seen. */
function span({ scale }: Scene, from: number, to: number): readonly [x: number, width: number] | null {
  if (to < scale.from || from > scale.to) return null;
  const left = Math.max(scale.left, xOf(scale, from));
  return [left, Math.max(1.5, Math.min(scale.right, xOf(scale, to)) - left)];
}

function shade(canvas: Canvas, scene: Scene, from: number, to: number, place: Window, colour: string): void {
  const found = span(scene, from, to);
  if (found === null) return;
  canvas.fillStyle = colour;
  canvas.fillRect(found[0], place.top, found[1], place.height);
}

interface Phase {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly colour: string;
}

/** The phases of a disassociation, in order; one that has not ended reaches to the end. */
function phasesOf(d: DisassociationData, { theme, model }: Pick<Scene, 'theme' | 'model'>): Phase[] {
  const end = d.ended ?? model.data.to;
  const phases: Phase[] = [];
  const add = (name: string, from: number | null, to: number, colour: string): void => {
    if (from !== null) phases.push({ name, from, to, colour });
  };
  add('requested', d.requested, d.teardown ?? d.zapping ?? end, theme.requested);
  add('teardown', d.teardown, d.zapping ?? end, theme.teardown);
  add('zapping', d.zapping, end, theme.zapping);
  for (const [, from, to] of d.waits) add('waiting', from, to, theme.waiting);
  return phases;
}

function caption(canvas: Canvas, scene: Scene, d: DisassociationData, y: number): void {
  const from = d.requested ?? d.teardown ?? d.zapping;
  const found = from === null ? null : span(scene, from, d.ended ?? scene.model.data.to);
  if (found === null) return;
  canvas.fillStyle = scene.theme.ink;
  canvas.font = '600 11px system-ui, sans-serif';
  canvas.fillText(d.id, found[0] + 3, y + 7);
}

/** A disassociation: a shaded window over its ufile, its phases as a strip in the ufile's head. */
function disassociation(canvas: Canvas, scene: Scene, d: DisassociationData, group: Group): void {
  const from = d.requested ?? d.teardown ?? d.zapping;
  if (from === null) return;
  const place = { top: group.y, height: group.height - 4 };
  shade(canvas, scene, from, d.ended ?? scene.model.data.to, place, scene.theme.window);
  for (const phase of phasesOf(d, scene)) {
    shade(canvas, scene, phase.from, phase.to, { top: group.y + 14, height: 7 }, phase.colour);
  }
  for (const [mm, begin, end] of d.waits) {
    const lane = group.lanes.find(({ mms }) => mms.includes(mm));
    if (lane === undefined) continue;
    shade(canvas, scene, begin, end, { top: lane.y - 2, height: lane.height + 2 }, scene.theme.waiting);
  }
  caption(canvas, scene, d, group.y);
}

/** The life of a ufile, as a thin line in its head. */
function life(canvas: Canvas, scene: Scene, group: Group): void {
  const ufile = scene.model.data.ufiles[group.ufile];
  if (ufile === undefined) return;
  const { from, to } = scene.model.data;
  const place = { top: group.y + 16.5, height: 2 };
  shade(canvas, scene, ufile.opened ?? from, ufile.freed ?? ufile.closed ?? to, place, scene.theme.ufile);
}

const seenIn = (group: Group, seen: Window): boolean =>
  group.y < seen.top + seen.height && group.y + group.height > seen.top;

/** Draws what lies behind the bars. */
export function drawBack(canvas: Canvas, scene: Scene, seen: Window): void {
  const { layout, model, theme, scale } = scene;
  canvas.textBaseline = 'middle';
  canvas.textAlign = 'left';
  for (const group of layout.groups) {
    if (!seenIn(group, seen)) continue;
    canvas.fillStyle = theme.rule;
    canvas.fillRect(0, group.y, scale.right, 1);
    life(canvas, scene, group);
    for (const d of model.data.disassociations) {
      if (d.ufile === group.ufile) disassociation(canvas, scene, d, group);
    }
  }
}

/** Draws gaps over all. */
export function drawGaps(canvas: Canvas, scene: Scene, seen: Window): void {
  for (const { from, to } of scene.model.data.gaps) {
    const found = span(scene, from, to);
    if (found !== null) hatch(canvas, scene.theme.gap, found[0], Math.max(4, found[1]), seen);
  }
}

function hatch(canvas: Canvas, colour: string, x: number, width: number, { top, height }: Window): void {
  canvas.save();
  canvas.beginPath();
  canvas.rect(x, top, width, height);
  canvas.clip();
  canvas.strokeStyle = colour;
  canvas.lineWidth = 1.5;
  canvas.beginPath();
  for (let at = x - height; at < x + width; at += 7) {
    canvas.moveTo(at, top + height);
    canvas.lineTo(at + height, top);
  }
  canvas.stroke();
  canvas.restore();
}

/** Draws the names on the left. */
export function drawNames(canvas: Canvas, scene: Scene, seen: Window): void {
  const { layout, model, theme } = scene;
  canvas.fillStyle = theme.paper;
  canvas.fillRect(0, seen.top, GUTTER - 1, seen.height);
  canvas.fillStyle = theme.rule;
  canvas.fillRect(GUTTER - 1, seen.top, 1, seen.height);
  canvas.textBaseline = 'middle';
  canvas.textAlign = 'left';
  for (const group of layout.groups) {
    if (!seenIn(group, seen)) continue;
    const ufile = model.data.ufiles[group.ufile];
    canvas.fillStyle = theme.rule;
    canvas.fillRect(0, group.y, GUTTER, 1);
    canvas.fillStyle = theme.ink;
    canvas.font = '600 12px system-ui, sans-serif';
    canvas.fillText(`${ufile?.id ?? ''}  ${ufile?.device ?? ''}`, 8, group.y + HEAD / 2 + 1, GUTTER - 14);
    canvas.font = '12px system-ui, sans-serif';
    canvas.fillStyle = theme.dim;
    for (const lane of group.lanes) {
      const middle = Math.min(Math.max(lane.y + 8, seen.top + 8), lane.y + Math.max(8, lane.height - 8));
      canvas.fillText(lane.label, 16, middle, GUTTER - 22);
    }
  }
}
