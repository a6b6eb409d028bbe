/**
 * Reads `/proc/swaps`: the paths of what is swapped on (device nodes and files). null when it isn't that list, or has a line that isn't
 * understood: what is missing on it could be in use.
 */
export const parseSwaps = (text: string): readonly string[] | null => {
  const [head = '', ...lines] = text.split('\n');
  if (!head.startsWith('Filename')) return null;
  const paths = lines.filter((line) => line.trim() !== '').map((line) => line.split(/\s+/)[0] ?? '');
  if (paths.some((path) => !path.startsWith('/'))) return null;
  return paths.map((path) => path.replace(/\\040\(deleted\)$/, '').replaceAll('\\040', ' '));
};
