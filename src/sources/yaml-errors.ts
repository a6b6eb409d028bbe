/** What the YAML library complains about, in our words: its own messages can quote the document, which may be secret. */
import type { ErrorCode } from 'yaml';

interface Words {
  readonly what: string;
  readonly hint: string;
}

const words: Partial<Record<ErrorCode, Words>> = {
  ALIAS_PROPS: { what: 'an alias cannot have an anchor or tag of its own', hint: 'remove what stands before the *' },
  BAD_ALIAS: { what: 'this alias has no usable name', hint: 'put text that begins with * into quotes' },
  BAD_DIRECTIVE: { what: 'this % line is not understood', hint: 'remove it' },
  BAD_DQ_ESCAPE: { what: 'a backslash sequence in double quotes is not valid', hint: 'double the backslash, or use single quotes' },
  BAD_INDENT: { what: 'the indentation does not fit', hint: 'keys of one map begin in the same column' },
  BAD_PROP_ORDER: { what: 'anchor or tag stand in the wrong place', hint: 'write them before the value' },
  BAD_SCALAR_START: { what: 'a value cannot begin with this character', hint: 'put the value into quotes' },
  BLOCK_AS_IMPLICIT_KEY: { what: 'a second ": " on one line', hint: 'put a value that holds ": " into quotes' },
  BLOCK_IN_FLOW: { what: 'block style inside of brackets', hint: 'use one style' },
  DUPLICATE_KEY: { what: 'this key is there twice', hint: 'keep one of them' },
  IMPOSSIBLE: { what: 'this is not YAML', hint: 'check the lines around it' },
  KEY_OVER_1024_CHARS: { what: 'a key is longer than 1024 characters', hint: 'is a colon missing, or a quote not closed?' },
  MISSING_CHAR: { what: 'a character is missing here', hint: 'check quotes, brackets, commas and the blank after a colon' },
  MULTILINE_IMPLICIT_KEY: { what: 'a key must be on one line', hint: 'is the colon missing on this line?' },
  MULTIPLE_ANCHORS: { what: 'two anchors on one value', hint: 'keep one of them' },
  MULTIPLE_TAGS: { what: 'two tags on one value', hint: 'keep one of them' },
  TAB_AS_INDENT: { what: 'a tab is used for indentation', hint: 'use blanks' },
  TAG_RESOLVE_FAILED: { what: 'this tag is not known', hint: 'remove what begins with !' },
  UNEXPECTED_TOKEN: { what: 'this does not belong here', hint: 'check indentation, quotes and brackets around it' },
};

/** Words for a code of the library; a general sentence for one that it may add later. */
export const wordsFor = (code: ErrorCode): Words =>
  words[code] ?? { what: 'this is not valid YAML', hint: 'check indentation and quotes around it' };
