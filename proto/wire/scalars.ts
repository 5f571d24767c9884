/** Codecs of single values: unsigned integers, addresses, fixed text, byte strings. */

import { hexBytes, ipv4Number, ipv4Text, ipv6Bytes, ipv6Text, macBytes, macText } from './address.ts';
import type { Codec } from './codec.ts';
import { EncodeError, shown } from './encode-error.ts';

function unsigned(bits: 8 | 16 | 32): Codec<number> {
  const limit = 2 ** bits - 1;
  const method = `u${bits}` as const;
  return {
    form: { kind: 'number', bits },
    encode(writer, value) {
      if (!Number.isInteger(value) || value < 0 || value > limit) {
        throw new EncodeError(`${shown(value)} is not a whole number from 0 to ${limit}`);
      }
      writer[method](value);
    },
    decode: (reader) => reader[method](),
  };
}

export const u8 = unsigned(8);
export const u16 = unsigned(16);
export const u32 = unsigned(32);

/** Two's complement. */
export const i32: Codec<number> = {
  form: { kind: 'number', bits: 32, signed: true },
  encode(writer, value) {
    if (!Number.isInteger(value) || value !== (value | 0)) {
      throw new EncodeError(`${shown(value)} is not a whole number from -2147483648 to 2147483647`);
    }
    writer.u32(value >>> 0);
  },
  decode: (reader) => reader.u32() | 0,
};

/** Takes `0x…` text and whole numbers too: JSON has no bigint. */
export const u64: Codec<bigint> = {
  form: { kind: 'bigint' },
  encode: (writer, value) => writer.u64(bigintOf(value, 64)),
  decode: (reader) => reader.u64(),
};

/** The bigint that a value is or, coming from JSON, stands for; refuses what is not one of so many bits. */
export function bigintOf(value: unknown, bits: number): bigint {
  let number: bigint | undefined;
  if (typeof value === 'bigint') number = value;
  else if (typeof value === 'string' && /^(0x[0-9a-f]{1,256}|\d{1,309})$/i.test(value)) number = BigInt(value);
  else if (typeof value === 'number' && Number.isSafeInteger(value)) number = BigInt(value);
  if (number === undefined || number < 0n || number >> BigInt(bits) !== 0n) {
    throw new EncodeError(`${shown(value)} is not a bigint from 0 to 2^${bits}-1 (in JSON: "0x…")`);
  }
  return number;
}

/** `0a:1b:2c:3d:4e:5f`, lower case. */
export const mac: Codec<string> = {
  form: { kind: 'mac' },
  encode(writer, value) {
    const bytes = typeof value === 'string' ? macBytes(value) : undefined;
    if (bytes === undefined) throw new EncodeError(`${shown(value)} is not a MAC address like 0a:1b:2c:3d:4e:5f`);
    writer.bytes(bytes);
  },
  decode: (reader) => macText(reader.bytes, reader.take(6)),
};

/** Dotted quad. */
export const ipv4: Codec<string> = {
  form: { kind: 'ipv4' },
  encode(writer, value) {
    const number = typeof value === 'string' ? ipv4Number(value) : undefined;
    if (number === undefined) throw new EncodeError(`${shown(value)} is not an IPv4 address like 192.0.2.1`);
    writer.u32(number);
  },
  decode: (reader) => ipv4Text(reader.u32()),
};

/** As RFC 5952 writes it. */
export const ipv6: Codec<string> = {
  form: { kind: 'ipv6' },
  encode(writer, value) {
    const bytes = typeof value === 'string' ? ipv6Bytes(value) : undefined;
    if (bytes === undefined) throw new EncodeError(`${shown(value)} is not an IPv6 address like 2001:db8::1`);
    writer.bytes(bytes);
  },
  decode: (reader) => ipv6Text(reader.bytes, reader.take(16)),
};

/** Text of fewer characters is of one piece however it is made; longer would keep the pieces that it was put together from. */
const ONE_PIECE = 12;

/** Up to the null, or all `size` bytes. */
export function textAt(bytes: Uint8Array, at: number, size: number): string {
  let end = at;
  while (end < at + size && bytes[end] !== 0) end++;
  if (end - at > ONE_PIECE) return Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString('latin1');
  let text = '';
  for (let i = at; i < end; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

/** Null-terminated text in a field of fixed size (Latin-1, so that any bytes survive); one that fills it has no null. */
export function text(size: number): Codec<string> {
  return {
    form: { kind: 'text', size },
    encode(writer, value) {
      if (typeof value !== 'string') throw new EncodeError(`${shown(value)} is not text`);
      if (value.length > size) throw new EncodeError(`${shown(value)} is longer than ${size} bytes`);
      for (let i = 0; i < value.length; i++) {
        const code = value.charCodeAt(i);
        if (code === 0 || code > 0xff) throw new EncodeError(`${shown(value)} has a character that is none of Latin-1`);
        writer.u8(code);
      }
      writer.zeros(size - value.length);
    },
    decode: (reader) => textAt(reader.bytes, reader.take(size), size),
  };
}

/** Bytes as they are, everything up to the end of the window; from JSON, their hex digits. */
export const rest: Codec<Uint8Array> = {
  form: { kind: 'bytes' },
  encode(writer, value) {
    const plain: unknown = typeof value === 'string' ? hexBytes(value) : value;
    if (!(plain instanceof Uint8Array)) throw new EncodeError(`${shown(value)} is not bytes (in JSON: hex digits)`);
    writer.bytes(plain);
  },
  decode: (reader) => reader.rest(),
};
