/** Which names stand in which folder, read once from a list of paths. Pure. */

/**
 * Folders, with the names that follow from `paths` (absolute) in each of them, parents of parents included. A recorded
 * machine has tens of thousands of paths, and a probe asks for hundreds of folders.
 */
export const indexFolders = (paths: Iterable<string>): ReadonlyMap<string, ReadonlySet<string>> => {
  const folders = new Map<string, Set<string>>();
  for (const path of paths) {
    for (let at = path; at !== '/' && at !== ''; ) {
      const slash = at.lastIndexOf('/');
      const folder = slash <= 0 ? '/' : at.slice(0, slash);
      const name = at.slice(slash + 1);
      const names = folders.get(folder);
      if (names?.has(name) === true) break;
      if (names === undefined) folders.set(folder, new Set([name]));
      else names.add(name);
      at = folder;
    }
  }
  return folders;
};
