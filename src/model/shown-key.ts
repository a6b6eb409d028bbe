/**
 * Keys that nobody knows, as messages name them. A command with ": " in it becomes a key to YAML, secret and all: only what looks like a
 * name is repeated.
 */
const looksLikeName = /^(?:[\w.-]{1,40}|<<)$/;

const noName = 'a key that is no name';

/** For a key path. */
export const shownKey = (key: string): string => (looksLikeName.test(key) ? key : noName);

/** For a sentence: in quotes when it is a name. */
export const quotedKey = (key: string): string => (looksLikeName.test(key) ? `"${key}"` : noName);

/** A key path that can be shown. */
export const shownKeyPath = (keyPath: readonly (string | number)[]): readonly (string | number)[] => keyPath.map((key) => (typeof key === 'number' ? key : shownKey(key)));
