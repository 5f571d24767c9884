/**
 * What OFPMP_TABLE_FEATURES tells (OpenFlow 1.4, 7.3.5.6) of each of Open vSwitch 3.1's tables: they differ in what
 * comes behind them alone.
 */

import { type FieldName, fieldRow } from '../../../proto/openflow/oxm-fields.ts';
import type { OxmId } from '../../../proto/openflow/oxm-id.ts';
import type { TableFeatureProperty, TableFeatures } from '../../../proto/openflow/table-features.ts';
import { isWritable } from '../key/writable.ts';
import { TABLES } from '../table/flow-tables.ts';

const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${prefix}${n}` as FieldName);

/** Fields in Open vSwitch's order (meta-flow.h). */
const FIELDS: readonly FieldName[] = [
  ...(['dpHash', 'recircId', 'packetType', 'conjId', 'tunnelId', 'tunIpv4Src', 'tunIpv4Dst', 'tunIpv6Src'] as const),
  ...(['tunIpv6Dst', 'tunFlags', 'tunGbpId', 'tunGbpFlags', 'tunErspanIdx', 'tunErspanVer', 'tunErspanDir'] as const),
  ...(['tunErspanHwid', 'tunGtpuFlags', 'tunGtpuMsgtype'] as const),
  ...numbered('tunMetadata', 64),
  ...([
    'metadata',
    'nxmInPort',
    'inPort',
    'actsetOutput',
    'pktMark',
    'ctState',
    'ctZone',
    'ctMark',
    'ctLabel',
  ] as const),
  ...(['ctNwProto', 'ctNwSrc', 'ctNwDst', 'ctIpv6Src', 'ctIpv6Dst', 'ctTpSrc', 'ctTpDst'] as const),
  ...numbered('reg', 16),
  ...numbered('xreg', 8),
  ...numbered('xxreg', 4),
  ...(['ethSrc', 'ethDst', 'ethType', 'vlanTci', 'vlanVid', 'vlanPcp', 'mplsLabel', 'mplsTc', 'mplsBos'] as const),
  ...([
    'mplsTtl',
    'ipv4Src',
    'ipv4Dst',
    'ipv6Src',
    'ipv6Dst',
    'ipv6FlowLabel',
    'ipProto',
    'nxmIpTos',
    'ipDscp',
  ] as const),
  ...([
    'ipEcn',
    'ipTtl',
    'ipFrag',
    'arpOp',
    'arpSpa',
    'arpTpa',
    'arpSha',
    'arpTha',
    'tcpSrc',
    'tcpDst',
    'tcpFlags',
  ] as const),
  ...(['udpSrc', 'udpDst', 'sctpSrc', 'sctpDst', 'icmpv4Type', 'icmpv4Code', 'icmpv6Type', 'icmpv6Code'] as const),
  ...(['ipv6NdTarget', 'ipv6NdSll', 'ipv6NdTll', 'icmpv6NdReserved', 'icmpv6NdOptionsType', 'nshFlags'] as const),
  ...(['nshMdtype', 'nshNp', 'nshSpi', 'nshSi', 'nshC1', 'nshC2', 'nshC3', 'nshC4', 'nshTtl'] as const),
];

const idsOf = (fields: readonly FieldName[], isMasked: (field: FieldName) => boolean): OxmId[] =>
  fields.map((field) => ({ field, hasMask: isMasked(field) }));
const never = () => false;
/** What set-field may name: all that can be written, and in_port by its name, which set-field itself refuses. */
const WRITTEN = FIELDS.filter((field) => isWritable(field));

const INSTRUCTIONS = ['gotoTable', 'writeMetadata', 'writeActions', 'applyActions', 'clearActions', 'meter'] as const;
const ACTIONS = [
  ...(['output', 'setMplsTtl', 'decMplsTtl', 'pushVlan', 'popVlan', 'pushMpls', 'popMpls', 'setQueue'] as const),
  ...(['group', 'setNwTtl', 'decNwTtl', 'setField'] as const),
];
const ALL_BITS = 0xffff_ffff_ffff_ffffn;

export function tableFeatures(tableId: number, maxEntries: number): TableFeatures {
  const isLast = tableId === TABLES - 1;
  const instructionIds = INSTRUCTIONS.filter((type) => !(isLast && type === 'gotoTable')).map((type) => ({ type }));
  const tableIds = Array.from({ length: TABLES - 1 - tableId }, (_, n) => tableId + 1 + n);
  const actionIds = ACTIONS.map((type) => ({ type }));
  const written = idsOf(WRITTEN, never);
  const properties = ['', 'Miss'].flatMap((miss) => [
    { type: `instructions${miss}`, instructionIds },
    { type: `nextTables${miss}`, tableIds },
    { type: `writeActions${miss}`, actionIds },
    { type: `writeSetfield${miss}`, oxmIds: written },
    { type: `applyActions${miss}`, actionIds },
    { type: `applySetfield${miss}`, oxmIds: written },
  ]);
  return {
    tableId,
    name: '',
    metadataMatch: ALL_BITS,
    metadataWrite: ALL_BITS,
    capabilities: [],
    maxEntries,
    properties: [
      ...properties,
      { type: 'match', oxmIds: idsOf(FIELDS, (field) => fieldRow(field).maskable) },
      { type: 'wildcards', oxmIds: idsOf(FIELDS, never) },
    ] as TableFeatureProperty[],
  };
}
