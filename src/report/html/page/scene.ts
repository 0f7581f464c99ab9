/** All that a drawing is made from. */
import type { Layout } from './layout.ts';
import type { Model } from './model.ts';
import type { Scale } from './scale.ts';
import type { Theme } from './theme.ts';

export interface Scene {
  readonly model: Model;
  readonly layout: Layout;
  readonly theme: Theme;
  readonly scale: Scale;
  /** 1 for what is chosen; null when nothing is. */
  readonly lit: Uint8Array | null;
  /** The selected VMA; -1: none. */
  readonly selected: number;
}

/** The part of a drawing that is seen: its first pixel, and how many. */
export interface Window {
  readonly top: number;
  readonly height: number;
}

const isChosen = ({ lit }: Scene, vma: number): boolean => lit === null || lit[vma] === 1;

/** The colours of a bar: faint ones when others are chosen. */
export const palette = (scene: Scene, vma: number): readonly string[] =>
  isChosen(scene, vma) ? scene.theme.bars : scene.theme.faint;

/** The colour of the text on a bar. */
export const labelColour = (scene: Scene, vma: number): string =>
  isChosen(scene, vma) ? scene.theme.label : scene.theme.dim;
