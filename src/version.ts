import packageJson from '../package.json' with { type: 'json' };

/** Version of this program, from package.json. */
export const version: string = packageJson.version;

/** Put in by `scripts/bundle.mjs`; a program that runs from its source has none. */
declare const SLIPWAY_BUILT: number | undefined;

/** ms since the epoch of the day that this program was built from; null when it runs from its source. No clock that works says less. */
export const builtAt: number | null = typeof SLIPWAY_BUILT === 'number' ? SLIPWAY_BUILT : null;
