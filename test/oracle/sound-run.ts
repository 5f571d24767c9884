// Runs of bits of fields as Nicira's actions have them: arbitrary ones, and the text that Open vSwitch has for each.
import fc from 'fast-check';
import type { FieldName } from '../../proto/openflow/oxm-fields.ts';
import type { Subfield } from '../../proto/openflow/subfield.ts';

/** The names that Open vSwitch prints of fields in Nicira's actions. */
export const RUNS: Partial<Record<FieldName, readonly [name: string, bits: number]>> = {
  metadata: ['OXM_OF_METADATA', 64],
  tunnelId: ['NXM_NX_TUN_ID', 64],
  tunIpv4Src: ['NXM_NX_TUN_IPV4_SRC', 32],
  tunIpv4Dst: ['NXM_NX_TUN_IPV4_DST', 32],
  tunIpv6Src: ['NXM_NX_TUN_IPV6_SRC', 128],
  tunIpv6Dst: ['NXM_NX_TUN_IPV6_DST', 128],
  tunGbpId: ['NXM_NX_TUN_GBP_ID', 16],
  pktMark: ['NXM_NX_PKT_MARK', 32],
  ethSrc: ['NXM_OF_ETH_SRC', 48],
  ethDst: ['NXM_OF_ETH_DST', 48],
  nxmInPort: ['NXM_OF_IN_PORT', 16],
  vlanTci: ['NXM_OF_VLAN_TCI', 16],
};
for (let i = 0; i < 16; i++) RUNS[`reg${i}` as FieldName] = [`NXM_NX_REG${i}`, 32];
for (let i = 0; i < 8; i++) RUNS[`xreg${i}` as FieldName] = [`OXM_OF_PKT_REG${i}`, 64];
for (let i = 0; i < 4; i++) RUNS[`xxreg${i}` as FieldName] = [`NXM_NX_XXREG${i}`, 128];

/** Fields that are read, never written. */
const READ_ONLY: Partial<Record<FieldName, readonly [name: string, bits: number]>> = {
  ctState: ['NXM_NX_CT_STATE', 32],
  ctZone: ['NXM_NX_CT_ZONE', 16],
  ctMark: ['NXM_NX_CT_MARK', 32],
  ctLabel: ['NXM_NX_CT_LABEL', 128],
};
export const READABLE = { ...RUNS, ...READ_ONLY };

type Named = typeof RUNS;

export function runText({ field, offset, bits }: Subfield): string {
  const [name, width] = READABLE[field]!;
  const run = bits === width ? '' : bits === 1 ? `${offset}` : `${offset}..${offset + bits - 1}`;
  return `${name}[${run}]`;
}

export function runOf(names: Named, bits: fc.Arbitrary<number>): fc.Arbitrary<Subfield> {
  return bits.chain((count) => {
    const wide = (Object.keys(names) as FieldName[]).filter((name) => names[name]![1] >= count);
    return fc
      .constantFrom(...wide)
      .chain((field) =>
        fc.integer({ min: 0, max: names[field]![1] - count }).map((offset) => ({ field, offset, bits: count })),
      );
  });
}

export const upTo64 = fc.oneof(fc.integer({ min: 1, max: 64 }), fc.constantFrom(1, 16, 32));
export const upTo128 = fc.oneof(fc.integer({ min: 1, max: 128 }), fc.constantFrom(16, 32, 48));
export const target = runOf(RUNS, upTo64);
export const below = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });

/** A run, and a value for it. */
export const load = runOf(RUNS, upTo64).chain((to) => fc.tuple(fc.constant(to), below(to.bits)));
