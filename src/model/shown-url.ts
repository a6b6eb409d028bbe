/**
 * An address as it may be shown: without user, password, query and fragment, which may hold secrets. What only looks like an
 * address is not shown at all; a path is.
 */
export const shownUrl = (text: string): string => {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(text)) return text;
  try {
    const { protocol, host, pathname } = new URL(text);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return 'address';
  }
};
