/**
 * NXAST_NAT, only inside `ct`: which side to translate, and to which range (nicira-ext.h). Without flags: as the
 * connection says. Open vSwitch never sends an end of a range that is all zeros, and leaves out one that was not given.
 */

import { type Codec, structure } from '../../wire/codec.ts';
import { Unrecognized } from '../../wire/decode-error.ts';
import { flags } from '../../wire/flags.ts';
import { ROOM } from '../../wire/memory.ts';
import { decodePart, encodePart } from '../../wire/part.ts';
import { ipv4, ipv6, u16 } from '../../wire/scalars.ts';

const natFlags = flags(u16, { src: 1, dst: 2, persistent: 4, protoHash: 8, protoRandom: 16 });

export interface Nat {
  type: 'nat';
  flags: readonly ('src' | 'dst' | 'persistent' | 'protoHash' | 'protoRandom' | number)[];
  ipv4Min?: string;
  ipv4Max?: string;
  ipv6Min?: string;
  ipv6Max?: string;
  /** Ports, or ICMP ids. */
  protoMin?: number;
  protoMax?: number;
}

/** range_present's bits; their order is the order on the wire. */
const RANGES = [
  ['ipv4Min', 1, ipv4],
  ['ipv4Max', 2, ipv4],
  ['ipv6Min', 4, ipv6],
  ['ipv6Max', 8, ipv6],
  ['protoMin', 16, u16],
  ['protoMax', 32, u16],
] as const;
const ALL_RANGES = 63;

export const nat: Codec<Nat> = structure('nx_action_nat', {
  encode(writer, value) {
    writer.zeros(2);
    encodePart(writer, value, 'flags', natFlags);
    let present = 0;
    for (const [name, bit] of RANGES) if (value[name] !== undefined) present |= bit;
    writer.u16(present);
    for (const [name, , codec] of RANGES) {
      if (value[name] !== undefined) encodePart(writer, value, name, codec as Codec<string | number>);
    }
  },
  decode(reader) {
    reader.take(2);
    const value: Nat & Record<string, unknown> = { type: 'nat', flags: decodePart(reader, 'flags', natFlags) };
    const present = reader.u16();
    if (present > ALL_RANGES) throw new Unrecognized(`no such range: 0x${present.toString(16)}`, reader.position - 2);
    for (const [name, bit, codec] of RANGES) {
      if ((present & bit) !== 0) Object.assign(value, { [name]: decodePart<string | number>(reader, name, codec) });
    }
    reader.padding();
    reader.spend(ROOM);
    return value;
  },
});
