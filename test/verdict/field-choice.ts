/** Random values of match fields, from the few that packets have, too; and random masks of them. */

import type { FieldName, FieldValue } from '../../proto/openflow/oxm-fields.ts';
import { fieldRow } from '../../proto/openflow/oxm-fields.ts';
import { allBits, fromBits, toBits } from '../../src/flow/text/field-bits.ts';
import type { Random } from '../fuzz/random.ts';
import { FLAGS, IPV4, IPV6, LABELS, MACS, NUMBERS, PORT_NUMBERS, TOS, TTLS, VIDS } from './pools.ts';

const PROTOCOLS = [6, 17, 1, 58, 132, 47] as const;
const CT_STATES = [0x20, 0x21, 0x22, 0x2a, 0x24, 0x61, 0x62, 0xa1, 0xaa, 0x30, 0] as const;

/** Where a field's values are not just numbers. */
const POOLS: Partial<Record<FieldName, readonly FieldValue[]>> = {
  inPort: [1, 2, 3, 4, 0xfffffffe],
  nxmInPort: [1, 2, 3, 4, 0xfffe],
  actsetOutput: [1, 2, 3, 0xfffffff7],
  ethType: [0x0800, 0x86dd, 0x0806, 0x8847, 0x1234, 0x05ff],
  vlanVid: VIDS.map((vid) => vid | 0x1000),
  vlanTci: VIDS.map((vid) => vid | 0x1000 | (vid === 10 ? 0xa000 : 0)),
  vlanPcp: [0, 1, 5, 7],
  ipProto: PROTOCOLS,
  ctNwProto: PROTOCOLS,
  ipDscp: TOS.map((tos) => tos >> 2),
  ipEcn: TOS.map((tos) => tos & 3),
  nxmIpTos: TOS.map((tos) => tos & 0xfc),
  ipTtl: TTLS,
  mplsTtl: TTLS,
  mplsLabel: LABELS,
  ipv6FlowLabel: [0, 1, 0xfffff, 0x12345],
  ipFrag: [0, 1, 3],
  tcpFlags: FLAGS,
  arpOp: [1, 2, 3, 0],
  icmpv4Type: [8, 0, 3, 11],
  icmpv4Code: [0, 1],
  icmpv6Type: [128, 129, 135, 136],
  icmpv6Code: [0, 1],
  ctState: CT_STATES,
  ctZone: [0, 1, 2, 3],
  icmpv6NdOptionsType: [1, 2],
};
const PORT_FIELDS: ReadonlySet<string> = new Set(
  ['tcp', 'udp', 'sctp', 'ctTp'].flatMap((prefix) => [`${prefix}Src`, `${prefix}Dst`]),
);

export function chooseValue(random: Random, name: FieldName): FieldValue {
  const pool = PORT_FIELDS.has(name) ? PORT_NUMBERS : POOLS[name];
  if (pool !== undefined) return random.pick(pool);
  const row = fieldRow(name);
  if (row.kind === 'mac') return random.pick(MACS);
  if (row.kind === 'ipv4') return random.pick(IPV4);
  if (row.kind === 'ipv6') return random.pick(IPV6);
  const bits = random.below(4) > 0 ? BigInt(random.pick(NUMBERS)) : wide(random);
  return fromBits(name, bits & allBits(name));
}

function wide(random: Random): bigint {
  let bits = 0n;
  for (let i = 0; i < 4; i++) bits = (bits << 32n) | BigInt(random.pick(NUMBERS));
  return bits;
}

/** A prefix, a suffix, one bit, or any bits; never none. */
export function chooseMask(random: Random, name: FieldName): bigint {
  const all = allBits(name);
  const width = fieldRow(name).bits;
  const count = 1 + random.below(width);
  switch (random.below(4)) {
    case 0:
      return all ^ (all >> BigInt(count));
    case 1:
      return (1n << BigInt(count)) - 1n;
    case 2:
      return 1n << BigInt(random.below(width));
    default:
      return wide(random) & all || all;
  }
}

/** The value under the mask; the mask alone where it is none of all bits. */
export function masked(name: FieldName, value: FieldValue, mask: bigint): unknown {
  const bits = (toBits(name, value) ?? 0n) & mask;
  if (mask === allBits(name) && name !== 'ctState') return fromBits(name, bits);
  return { value: fromBits(name, bits), mask: fromBits(name, mask) };
}
