/** Network interfaces: `/sys/class/net` for what they are, and their addresses as `ip -j addr` prints them. */
import type { Nic } from '../model/facts.ts';
import { cleanText } from '../model/foreign-text.ts';

/** Addresses with prefix by interface name; null when the text isn't what `ip` prints. */
export const parseIpAddresses = (json: string): ReadonlyMap<string, readonly string[]> | null => {
  try {
    const rows: unknown = JSON.parse(json);
    if (!Array.isArray(rows)) return null;
    return new Map(
      (rows as { ifname?: unknown; addr_info?: unknown }[]).flatMap((row) => {
        if (typeof row?.ifname !== 'string') return [];
        const list = Array.isArray(row.addr_info) ? (row.addr_info as { local?: unknown; prefixlen?: unknown }[]) : [];
        const addresses = list.flatMap((item) =>
          typeof item?.local === 'string' ? [cleanText(`${item.local}/${String(item.prefixlen ?? '')}`, 60)] : [],
        );
        return [[row.ifname, addresses] as const];
      }),
    );
  } catch {
    return null;
  }
};

export interface NicText {
  readonly name: string;
  readonly address: string | null;
  /** Unreadable while the interface is down. */
  readonly carrier: string | null;
  readonly speed: string | null;
}

export const readNic = (text: NicText, addresses: readonly string[]): Nic => {
  const mac = text.address?.trim().toLowerCase() ?? '';
  const speed = Number(text.speed?.trim() || Number.NaN);
  const carrier = text.carrier?.trim();
  return {
    name: cleanText(text.name, 32),
    mac: /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) && mac !== '00:00:00:00:00:00' ? mac : null,
    carrier: carrier === '1' ? true : carrier === '0' ? false : null,
    addresses,
    // A driver that doesn't know says -1 or 2^32-1.
    speed: Number.isInteger(speed) && speed > 0 && speed < 10_000_000 ? speed : null,
  };
};
