import { expect, test } from 'vitest';
import { shownUrl } from '../../src/model/shown-url.ts';

test.each([
  ['https://user:pass@host/path', 'https://host/path'],
  ['https://host/path?token=abc', 'https://host/path'],
  ['https://host/path#token', 'https://host/path'],
  ['https://host:8443/path', 'https://host:8443/path'],
  ['/var/receipts', '/var/receipts'],
  ['http://secret:x', 'address'],
])('%s is shown as %s', (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
});
