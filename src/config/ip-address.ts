/** Addresses of machines, IPv4 or IPv6 (RFC 4291), as the file has them; IPv6 in the one form of RFC 5952. */

import { ipText, isLinkLocal, isUnicast, parseIp } from '../../proto/wire/prefix.ts';

/** undefined: no address. */
export function ipAddress(text: string): string | undefined {
  const address = parseIp(text);
  return address && ipText(address);
}

/** Whether a machine can be reached at it from another one, whichever way it is cabled. */
export function isReachable(text: string): boolean {
  const address = parseIp(text);
  return address !== undefined && isUnicast(address) && !(address.family === 6 && isLinkLocal(address));
}
