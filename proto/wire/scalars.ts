/** Codecs of single values: unsigned integers, addresses, fixed text, byte strings, padding. */

import { ipv4Number, ipv4Text, macBytes, macText } from './address.ts';
import type { Codec } from './codec.ts';
import { EncodeError } from './encode-error.ts';

function unsigned(bits: 8 | 16 | 32): Codec<number> {
  const limit = 2 ** bits - 1;
  const method = `u${bits}` as const;
  return {
    encode(writer, value) {
      if (!Number.isInteger(value) || value < 0 || value > limit) {
        throw new EncodeError(`${String(value)} is not a whole number from 0 to ${limit}`);
      }
      writer[method](value);
    },
    decode: (reader) => reader[method](),
  };
}

export const u8 = unsigned(8);
export const u16 = unsigned(16);
export const u32 = unsigned(32);

export const u64: Codec<bigint> = {
  encode(writer, value) {
    if (typeof value !== 'bigint' || value < 0n || value > 0xffff_ffff_ffff_ffffn) {
      throw new EncodeError(`${String(value)} is not a bigint from 0 to 2^64-1`);
    }
    writer.u64(value);
  },
  decode: (reader) => reader.u64(),
};

/** `0a:1b:2c:3d:4e:5f`, lower case. */
export const mac: Codec<string> = {
  encode(writer, value) {
    const bytes = macBytes(value);
    if (bytes === undefined) throw new EncodeError(`"${value}" is not a MAC address like 0a:1b:2c:3d:4e:5f`);
    writer.bytes(bytes);
  },
  decode: (reader) => macText(reader.bytes, reader.take(6)),
};

/** Dotted quad. */
export const ipv4: Codec<string> = {
  encode(writer, value) {
    const number = ipv4Number(value);
    if (number === undefined) throw new EncodeError(`"${value}" is not an IPv4 address like 192.0.2.1`);
    writer.u32(number);
  },
  decode: (reader) => ipv4Text(reader.u32()),
};

/** Null-terminated text in a field of fixed size (Latin-1, so that any bytes survive). */
export function text(size: number): Codec<string> {
  return {
    encode(writer, value) {
      if (value.length >= size) throw new EncodeError(`"${value}" is longer than ${size - 1} bytes`);
      for (let i = 0; i < value.length; i++) writer.u8(value.charCodeAt(i) & 0xff);
      writer.zeros(size - value.length);
    },
    decode(reader) {
      const bytes = reader.slice(size);
      let value = '';
      for (const byte of bytes) {
        if (byte === 0) break;
        value += String.fromCharCode(byte);
      }
      return value;
    },
  };
}

/** Everything up to the end of the window. */
export const rest: Codec<Uint8Array> = {
  encode: (writer, value) => writer.bytes(value),
  decode: (reader) => reader.rest(),
};

/** Bytes that carry nothing: zeros when written, ignored when read. Fields of it have no place in the value. */
export interface Padding extends Codec<undefined> {
  readonly padding: number;
}

export function padding(size: number): Padding {
  return {
    padding: size,
    encode: (writer) => writer.zeros(size),
    decode(reader) {
      reader.take(size);
      return undefined;
    },
  };
}
