/** Reads `/proc/swaps`: the paths of what is swapped on (device nodes and files). */
export const parseSwaps = (text: string): readonly string[] =>
  text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const path = line.split(/\s+/)[0];
      return path === undefined || !path.startsWith('/') ? [] : [path.replace(/\\040\(deleted\)$/, '').replaceAll('\\040', ' ')];
    });
