/** Text split into what a person takes for one character. */

let segmenter: Intl.Segmenter | undefined;

/**
 * The graphemes of a text, in order. Printable ASCII and box lines, which nearly everything is, stand alone and need no segmenter:
 * making one costs a good part of the time to the first frame.
 */
export const graphemesOf = (text: string): readonly string[] => {
  if (/^[ -~\u2500-\u257F…]*$/.test(text)) return [...text];
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
};
