/** `env` and `install.env`: variables of the stages, of this run only. Both engines hand them over in a file in memory. */
import type { InstallMaterial } from '../model/plan.ts';

/** `K=V` rows as a text for a shell to read. Rows that name no variable are left out and returned by name. */
export const environmentFile = (rows: readonly string[]): { readonly text: string; readonly refused: readonly string[] } => {
  const refused: string[] = [];
  const lines = rows.flatMap((row) => {
    const equals = row.indexOf('=');
    const name = equals === -1 ? row : row.slice(0, equals);
    if (equals === -1 || !/^[A-Za-z_]\w*$/.test(name)) {
      refused.push(name.slice(0, 40));
      return [];
    }
    return [`export ${name}='${row.slice(equals + 1).replaceAll("'", String.raw`'\''`)}'\n`];
  });
  return { text: lines.join(''), refused };
};

/** The variables that an install's stages see: top-level `env`, then `install.env`, of which the later one wins. */
export const stageEnvironment = (material: InstallMaterial): ReturnType<typeof environmentFile> => {
  const top = material.items.filter((item) => item.keyPath[0] === 'env' && typeof item.keyPath[1] === 'number').map((item) => item.value);
  const rows = material.install?.['env'];
  const ofInstall = Array.isArray(rows) ? rows.filter((row) => typeof row === 'string') : [];
  return environmentFile([...top, ...ofInstall]);
};
