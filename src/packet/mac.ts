/** MAC addresses as numbers of 48 bits, as packet-ins have them and templates of flows take them. */

import { macBytes } from '../../proto/wire/address.ts';

/** Of the first byte: set in the addresses of groups, broadcast among them (IEEE 802, 8.2.2). */
const GROUP_BIT = 2 ** 40;
const MOST = 2 ** 48 - 1;

export function isGroupMac(mac: number): boolean {
  return Math.floor(mac / GROUP_BIT) % 2 === 1;
}

/** `02:00:00:00:00:01` */
export function macText(mac: number): string {
  if (!Number.isInteger(mac) || mac < 0 || mac > MOST) throw new RangeError(`${mac} is no MAC address`);
  return mac
    .toString(16)
    .padStart(12, '0')
    .replace(/..(?=.)/g, '$&:');
}

export function macNumber(text: string): number {
  const bytes = macBytes(text);
  if (bytes === undefined) throw new RangeError(`"${text}" is no MAC address`);
  let number = 0;
  for (const byte of bytes) number = number * 256 + byte;
  return number;
}
