/** One change of a source file. */
export interface Edit {
  /** Under drivers/infiniband/core. */
  readonly file: string;
  /** What must be there exactly once; white space stands for any white space. */
  readonly at: string;
  /** What is put in its place. */
  readonly put: string;
}

/** The place of an edit is not there, or there more than once: the source is that of another kernel. */
export class EditError extends Error {
  override name = 'EditError';
}

const patternOf = (text: string): RegExp =>
  new RegExp(
    text
      .trim()
      .split(/\s+/)
      .map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
      .join('\\s+'),
    'g',
  );

/**
 * A source with an edit made in it.
 * @throws EditError unless the place is there exactly once
 */
export function applyEdit(source: string, { file, at, put }: Edit): string {
  const places = [...source.matchAll(patternOf(at))];
  const [place] = places;
  if (place === undefined || places.length > 1) {
    throw new EditError(
      `${file} has ${places.length} places, not one, that read "${at}": it is that of another kernel than the edit is for`,
    );
  }
  return source.slice(0, place.index) + put + source.slice(place.index + place[0].length);
}
