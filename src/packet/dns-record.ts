/** Resource records of DNS (RFC 1035 3.2, 3.3; AAAA: RFC 3596; SRV: RFC 2782). */

import { holds, ipv4At, ipv6At, joined, putIpv4, putIpv6, putU16, putU32, u16, u32 } from './bytes.ts';
import { buildDnsName, parseDnsName } from './dns-name.ts';

export const DNS_TYPE = { a: 1, ns: 2, cname: 5, soa: 6, ptr: 12, mx: 15, txt: 16, aaaa: 28, srv: 33 } as const;
export const DNS_CLASS_INTERNET = 1;

/** Of these one, as the type says; what is of another type, or not as its type says, is `data`. */
export interface DnsRecordData {
  /** A and AAAA. */
  address?: string | undefined;
  /** NS, CNAME, PTR; with `preference` MX, with `priority`, `weight` and `port` SRV. */
  target?: string | undefined;
  preference?: number | undefined;
  priority?: number | undefined;
  weight?: number | undefined;
  port?: number | undefined;
  /** TXT; each byte a character. */
  texts?: string[] | undefined;
  data?: Uint8Array | undefined;
}

export interface DnsRecord extends DnsRecordData {
  name: string;
  type: number;
  class: number;
  /** Seconds. */
  ttl: number;
}

export interface FoundRecord {
  record: DnsRecord;
  end: number;
}

/** Pointers in names count from `message`. */
export function parseDnsRecord(
  bytes: Uint8Array,
  offset: number,
  end: number,
  message: number,
): FoundRecord | undefined {
  const found = parseDnsName(bytes, offset, end, message);
  if (found === undefined || !holds(bytes, found.end, 10, end)) return undefined;
  const type = u16(bytes, found.end);
  const start = found.end + 10;
  const dataEnd = start + u16(bytes, found.end + 8);
  if (dataEnd > end) return undefined;
  const data = readData(bytes, type, start, dataEnd, message) ?? { data: bytes.subarray(start, dataEnd) };
  const fixed = { name: found.name, type, class: u16(bytes, found.end + 2), ttl: u32(bytes, found.end + 4) };
  return { record: { ...fixed, ...data }, end: dataEnd };
}

function readData(
  bytes: Uint8Array,
  type: number,
  at: number,
  end: number,
  message: number,
): DnsRecordData | undefined {
  const length = end - at;
  const targetAt = (offset: number) => {
    const found = parseDnsName(bytes, offset, end, message);
    return found?.end === end ? { target: found.name } : undefined;
  };
  switch (type) {
    case DNS_TYPE.a:
      return length === 4 ? { address: ipv4At(bytes, at) } : undefined;
    case DNS_TYPE.aaaa:
      return length === 16 ? { address: ipv6At(bytes, at) } : undefined;
    case DNS_TYPE.ns:
    case DNS_TYPE.cname:
    case DNS_TYPE.ptr:
      return targetAt(at);
    case DNS_TYPE.mx: {
      const target = targetAt(at + 2);
      return target && { preference: u16(bytes, at), ...target };
    }
    case DNS_TYPE.srv: {
      const target = targetAt(at + 6);
      return target && { priority: u16(bytes, at), weight: u16(bytes, at + 2), port: u16(bytes, at + 4), ...target };
    }
    case DNS_TYPE.txt:
      return readTexts(bytes, at, end);
    default:
      return undefined;
  }
}

function readTexts(bytes: Uint8Array, start: number, end: number): DnsRecordData | undefined {
  const texts: string[] = [];
  let at = start;
  while (at < end) {
    const after = at + 1 + bytes[at]!;
    if (after > end) return undefined;
    texts.push(String.fromCharCode(...bytes.subarray(at + 1, after)));
    at = after;
  }
  return texts.length > 0 ? { texts } : undefined;
}

export function buildDnsRecord(record: DnsRecord): Uint8Array {
  const data = record.data ?? dataBytes(record);
  const fixed = new Uint8Array(10);
  putU16(fixed, 0, record.type);
  putU16(fixed, 2, record.class);
  putU32(fixed, 4, record.ttl);
  putU16(fixed, 8, data.length);
  return joined(buildDnsName(record.name), fixed, data);
}

function dataBytes(record: DnsRecord): Uint8Array {
  const { type, address, target, texts } = record;
  if (type === DNS_TYPE.a && address !== undefined) return written(4, (bytes) => putIpv4(bytes, 0, address));
  if (type === DNS_TYPE.aaaa && address !== undefined) return written(16, (bytes) => putIpv6(bytes, 0, address));
  if (type === DNS_TYPE.txt && texts !== undefined) return joined(...texts.map(textBytes));
  if (target !== undefined) {
    const name = buildDnsName(target);
    switch (type) {
      case DNS_TYPE.ns:
      case DNS_TYPE.cname:
      case DNS_TYPE.ptr:
        return name;
      case DNS_TYPE.mx:
        return joined(numbers(record.preference), name);
      case DNS_TYPE.srv:
        return joined(numbers(record.priority, record.weight, record.port), name);
    }
  }
  throw new TypeError(`a record of DNS of type ${type} lacks what its type wants; of any type \`data\` will do`);
}

function written(length: number, write: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  write(bytes);
  return bytes;
}

function numbers(...values: readonly (number | undefined)[]): Uint8Array {
  return written(2 * values.length, (bytes) => {
    for (const [index, value] of values.entries()) putU16(bytes, 2 * index, value ?? 0);
  });
}

function textBytes(text: string): Uint8Array {
  if (text.length > 255) throw new RangeError(`a text of DNS has 255 bytes at most, not ${text.length}`);
  return Uint8Array.from([text.length, ...Array.from(text, (character) => character.charCodeAt(0))]);
}
