/** Memory, processor and the maker's name plate: `/proc/meminfo`, `/proc/cpuinfo`, `/sys/class/dmi/id`. */
import type { Facts } from '../model/facts.ts';
import { cleanText, cleanTextOrNull } from '../model/foreign-text.ts';

/** bytes; 0 when the text doesn't say */
export const parseMemory = (meminfo: string): number => {
  const kibibytes = Number(/^MemTotal:\s+(\d{1,12}) kB$/m.exec(meminfo)?.[1] ?? 0);
  return kibibytes * 1024;
};

/** `cores` counts the processors that the kernel schedules on. */
export const parseCpu = (cpuinfo: string): Facts['cpu'] => {
  const model = /^(?:model name|Model|Hardware|cpu model|uarch)\s*:\s*(.+)$/m.exec(cpuinfo)?.[1];
  return { model: cleanText(model ?? 'unknown', 80), cores: cpuinfo.match(/^processor\s*:/gm)?.length ?? 0 };
};

/** What firmware says when its maker filled in nothing. */
const placeholders =
  /^(to be filled by o\.?e\.?m\.?|default string|system (manufacturer|product name|serial number|version)|not (specified|applicable|available|present)|none|n\/?a|unknown|o\.?e\.?m\.?|invalid|x+|0+|123456789|chassis serial number|(0{8}|f{8})-(0{4}-|f{4}-){3}(0{12}|f{12})|03000200-0400-0500-0006-000700080009)$/i;

const named = (text: string | null): string | null => {
  const clean = cleanTextOrNull(text, 64);
  return clean === null || placeholders.test(clean) ? null : clean;
};

export interface NamePlateText {
  readonly vendor: string | null;
  readonly product: string | null;
  readonly serial: string | null;
  readonly uuid: string | null;
}

/** Placeholders are not identities: they come out as null. */
export const readNamePlate = (text: NamePlateText): Facts['system'] => ({
  vendor: named(text.vendor),
  product: named(text.product),
  serial: named(text.serial),
  uuid: named(text.uuid)?.toLowerCase() ?? null,
});
