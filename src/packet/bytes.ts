/** Big-endian reads and writes on frames; addresses as text. Callers check lengths first. */

import { ipv4Number, ipv4Text, ipv6Bytes, ipv6Text, macBytes, macText } from '../../proto/wire/address.ts';

export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

export function u24(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 16) | u16(bytes, at + 1);
}

export function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

export function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function putU24(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 16;
  putU16(bytes, at + 1, value);
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

export function ipv6At(bytes: Uint8Array, at: number): string {
  return ipv6Text(bytes, at);
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

export function putIpv6(bytes: Uint8Array, at: number, address: string): void {
  const value = ipv6Bytes(address);
  if (value === undefined) throw new TypeError(`\`${address}\` is not an IPv6 address`);
  bytes.set(value, at);
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Whether `length` bytes from `offset` on are there. */
export function holds(bytes: Uint8Array, offset: number, length: number, end = bytes.length): boolean {
  return offset >= 0 && end <= bytes.length && end - offset >= length;
}
