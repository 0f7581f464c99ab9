import manifest from '../../package.json' with { type: 'json' };

/** The version of umaptrace. */
export const VERSION: string = manifest.version;
