/** An address as it may be shown: without user, password, query and fragment, which may hold secrets. */
export const shownUrl = (url: string): string => url.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1').replace(/[?#].*$/s, '');
