/** A change to the network of the session, as it is asked for. Pure. */

export type NetworkChange =
  | { readonly kind: 'dhcp'; readonly device: string }
  | { readonly kind: 'static'; readonly device: string; /** with prefix length */ readonly address: string; readonly gateway: string; readonly nameserver: string }
  | { readonly kind: 'proxy'; readonly url: string };

/** How an address is written; also what is said about one that is not. */
export const addressForm = 'dhcp, or ADDRESS/PREFIX [GATEWAY [NAMESERVER]]';

/** Reads `dhcp` or `10.0.0.9/24 10.0.0.1 10.0.0.1` for a network card; a text says what is wrong with it. */
export const readNetworkChange = (device: string, line: string): NetworkChange | string => {
  const [address = '', gateway = '', nameserver = '', ...more] = line.trim().split(/[\s,]+/);
  if (/^dhcp$/i.test(address) && gateway === '') return { kind: 'dhcp', device };
  if (!/^[0-9a-fA-F.:]+\/\d{1,3}$/.test(address) || more.length > 0) return 'dhcp, or an address with its prefix, then gateway and name server: 10.0.0.9/24 10.0.0.1 10.0.0.1';
  return { kind: 'static', device, address, gateway, nameserver };
};
