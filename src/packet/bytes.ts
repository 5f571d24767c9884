/** Big-endian reads and writes on frames; addresses as text. Callers check lengths first. */

import { ipv4Number, ipv4Text, macBytes, macText } from '../../proto/wire/address.ts';

export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

export function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

export function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function putU32(bytes: Uint8Array, at: number, value: number): void {
  putU16(bytes, at, value >>> 16);
  putU16(bytes, at + 2, value);
}

export function macAt(bytes: Uint8Array, at: number): string {
  return macText(bytes, at);
}

export function ipv4At(bytes: Uint8Array, at: number): string {
  return ipv4Text(u32(bytes, at));
}

export function putMac(bytes: Uint8Array, at: number, mac: string): void {
  const value = macBytes(mac);
  if (value === undefined) throw new TypeError(`\`${mac}\` is not a MAC address`);
  bytes.set(value, at);
}

export function putIpv4(bytes: Uint8Array, at: number, address: string): void {
  const value = ipv4Number(address);
  if (value === undefined) throw new TypeError(`\`${address}\` is not an IPv4 address`);
  putU32(bytes, at, value);
}
