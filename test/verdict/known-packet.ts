/** What a packet is known to be where random actions are chosen, and which of its fields they may read and write. */

import { type FieldName, fieldRow } from '../../proto/openflow/oxm-fields.ts';
import { fulfils } from '../../proto/openflow/prerequisites.ts';
import type { Subfield } from '../../proto/openflow/subfield.ts';
import type { Random } from '../fuzz/random.ts';
import { likely } from './likely.ts';

/** By the names of match fields. It changes with the actions. */
export type Known = Record<string, unknown>;

/** Stands among what is known where the port that the packet came by must stay what it is. */
export const STAYS = 'inPortStays';

const SETTABLE: readonly FieldName[] = [
  ...([
    'ethSrc',
    'ethDst',
    'ipv4Src',
    'ipv4Dst',
    'ipv6Src',
    'ipv6Dst',
    'ipDscp',
    'ipEcn',
    'ipTtl',
    'nxmIpTos',
  ] as const),
  ...([
    'tcpSrc',
    'tcpDst',
    'udpSrc',
    'udpDst',
    'sctpSrc',
    'sctpDst',
    'icmpv4Type',
    'icmpv4Code',
    'icmpv6Type',
  ] as const),
  ...(['icmpv6Code', 'ipv6FlowLabel', 'ipv6NdTarget', 'ipv6NdSll', 'ipv6NdTll', 'arpOp', 'arpSpa', 'arpTpa'] as const),
  ...(['arpSha', 'arpTha', 'mplsLabel', 'mplsTc', 'mplsTtl', 'vlanVid', 'vlanPcp', 'inPort', 'nxmInPort'] as const),
  ...(['icmpv6NdReserved', 'icmpv6NdOptionsType', 'tunnelId', 'pktMark'] as const),
];

const REGISTERS: readonly FieldName[] = [
  'reg0',
  'reg1',
  'reg2',
  'reg3',
  'xreg0',
  'xreg1',
  'xxreg0',
  'metadata',
  'reg15',
];

const NOT_READABLE: ReadonlySet<string> = new Set(['actsetOutput']);

export const run = (field: FieldName, offset: number, bits: number): Subfield => ({ field, offset, bits });

export function isKnown(known: Known, name: FieldName): boolean {
  if (name === 'vlanVid' || name === 'vlanPcp') return hasTag(known);
  const { prerequisite } = fieldRow(name);
  return prerequisite === undefined || fulfils(known, prerequisite);
}

export function hasTag({ vlanVid, vlanTci }: Known): boolean {
  const bits = (said: unknown) =>
    typeof said === 'number' ? said : ((said as { value?: number } | undefined)?.value ?? 0);
  return (bits(vlanVid) & 0x1000) !== 0 || (bits(vlanTci) & 0x1000) !== 0;
}

/** A field that may be written here. */
export function target(random: Random, known: Known): FieldName {
  if (likely(random, 30)) return random.pick(REGISTERS);
  const fields = SETTABLE.filter((name) => isKnown(known, name) && !(known[STAYS] === true && /inPort/i.test(name)));
  // Those of the packet rather than those of its way.
  return fields.length > 4 && likely(random, 70) ? random.pick(fields.slice(2)) : random.pick(fields);
}

/** Any run of bits of what may be read, or written. */
export function chooseRun(random: Random, known: Known, way: 'read' | 'write', bits?: number): Subfield | undefined {
  for (let tries = 0; tries < 4; tries++) {
    const readable: FieldName[] = [
      'ctState',
      'ctMark',
      'ctZone',
      'ctLabel',
      'inPort',
      'nxmInPort',
      'ethType',
      'tcpFlags',
    ];
    const field = way === 'read' && likely(random, 15) ? random.pick(readable) : target(random, known);
    if (NOT_READABLE.has(field) || !isKnown(known, field)) continue;
    const width = allWidth(field);
    const wanted = bits ?? (likely(random, 50) ? width : 1 + random.below(width));
    if (wanted > width) continue;
    if (way === 'write' && field === 'vlanVid') continue;
    return run(field, likely(random, 60) ? 0 : random.below(width - wanted + 1), wanted);
  }
  const wanted = bits ?? 32;
  const field: FieldName = wanted <= 32 ? 'reg0' : wanted <= 64 ? 'xreg1' : 'xxreg0';
  return wanted > 128 ? undefined : run(field, 0, wanted);
}

/** To Nicira's actions a tag's number has no bit that says that there is a tag. */
const allWidth = (field: FieldName) => (field === 'vlanVid' ? 12 : fieldRow(field).bits);
