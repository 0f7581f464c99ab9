/** Time to pixels: what all drawing shares. */

/** Pixels that names take on the left. */
export const GUTTER = 150;

export interface Scale {
  /** ns at the left edge and at the right edge of the drawing. */
  readonly from: number;
  readonly to: number;
  /** Pixels of the drawing: the gutter, and the width. */
  readonly left: number;
  readonly right: number;
  readonly perNs: number;
}

export function makeScale(from: number, to: number, width: number): Scale {
  const right = Math.max(GUTTER + 1, width);
  return { from, to, left: GUTTER, right, perNs: (right - GUTTER) / (to - from) };
}

export const xOf = (scale: Scale, ns: number): number => scale.left + (ns - scale.from) * scale.perNs;
export const nsAt = (scale: Scale, x: number): number => scale.from + (x - scale.left) / scale.perNs;
