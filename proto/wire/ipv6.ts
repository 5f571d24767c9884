/** An IPv6 address, 16 bytes, written as RFC 5952 has it. */

import { ipv6Bytes, ipv6Text } from './address.ts';
import type { Codec } from './codec.ts';
import { EncodeError } from './encode-error.ts';

export const ipv6: Codec<string> = {
  encode(writer, value) {
    const bytes = ipv6Bytes(value);
    if (bytes === undefined) throw new EncodeError(`"${value}" is not an IPv6 address like 2001:db8::1`);
    writer.bytes(bytes);
  },
  decode: (reader) => ipv6Text(reader.slice(16)),
};
