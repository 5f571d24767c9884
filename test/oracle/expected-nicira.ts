// Nicira's messages but those of packets, as Open vSwitch prints them.
import fc from 'fast-check';
import { ipv6, u8, u16, u32, u64 } from '../property/arbitrary.ts';
import { count, type MessageKind, messageKind, nameOnly, partKind } from './expected.ts';

const ROLES = { other: 'equal', master: 'primary', slave: 'secondary' } as const;
const role = (type: string) =>
  messageKind(
    fc.constantFrom(...(Object.keys(ROLES) as (keyof typeof ROLES)[])),
    (each) => ({ type, role: each }),
    (each) => `role=${ROLES[each]}`,
  );

const map = fc.record({
  optionClass: u16,
  optionType: u8,
  optionLen: fc.integer({ min: 1, max: 31 }).map((words) => 4 * words),
  index: fc.integer({ min: 0, max: 63 }),
});
type TlvMap = typeof map extends fc.Arbitrary<infer T> ? T : never;
const maps = fc.array(map, { maxLength: 4 });
const tableHead = 'mapping table: class type length match field ------ ---- ------ --------------';
const mapText = ({ optionClass, optionType, optionLen, index }: TlvMap) =>
  `${optionClass} ${optionType} ${optionLen} tun_metadata${index}`;

const COMMANDS = { add: 'ADD', delete: 'DEL' } as const;
const tlvTableMod = messageKind(
  fc.tuple(fc.constantFrom('add' as const, 'delete' as const), maps),
  ([command, all]) => ({ type: 'tlvTableMod', command, maps: all }),
  ([command, all]) => [COMMANDS[command], tableHead, ...all.map(mapText)].join(' '),
);

const tlvTableReply = messageKind(
  fc.record({ maxOptionSpace: u32, maxFields: fc.integer({ min: 64, max: 0xffff }), maps }),
  (each) => ({ type: 'tlvTableReply', ...each }),
  (each) =>
    [
      `max option space=${each.maxOptionSpace} max fields=${each.maxFields}`,
      `allocated option space=${each.maps.reduce((sum, { optionLen }) => sum + optionLen, 0)}`,
      tableHead,
      ...each.maps.map(mapText),
    ].join(' '),
);

/** One of TCP's or UDP's, in both directions; addresses of IPv6 at both ends, so that they are printed as such. */
const side = fc.record({
  src: ipv6.filter((address) => !address.includes('ffff')),
  dst: ipv6.filter((address) => !address.includes('ffff')),
  srcPort: u16,
  dstPort: u16,
});
type Side = typeof side extends fc.Arbitrary<infer T> ? T : never;
const tupleOf = ({ src, dst, srcPort, dstPort }: Side) => [
  { type: 'src', address: src },
  { type: 'dst', address: dst },
  { type: 'srcPort', port: srcPort },
  { type: 'dstPort', port: dstPort },
];
const tupleText = ({ src, dst, srcPort, dstPort }: Side, more = '') =>
  `'ct_ipv6_src=${src},ct_ipv6_dst=${dst},ct_tp_src=${srcPort},ct_tp_dst=${dstPort}${more}'`;

/** The protocol stands with the original direction. */
const ctFlush = messageKind(
  fc.tuple(fc.constantFrom(6, 17, 132), side, side, u16),
  ([ipProto, orig, reply, zoneId]) => ({
    type: 'ctFlush',
    ipProto,
    properties: [
      { type: 'origTuple', tuple: tupleOf(orig) },
      { type: 'replyTuple', tuple: tupleOf(reply) },
      { type: 'zoneId', zoneId },
    ],
  }),
  ([ipProto, orig, reply, zone]) => `zone=${zone} ${tupleText(orig, `,ct_nw_proto=${ipProto}`)} ${tupleText(reply)}`,
);

const ipfix = fc.record({
  totalFlows: u64,
  currentFlows: u64,
  pkts: u64,
  ipv4Pkts: u64,
  ipv6Pkts: u64,
  errorPkts: u64,
  ipv4ErrorPkts: u64,
  ipv6ErrorPkts: u64,
  txPkts: u64,
  txErrors: u64,
  collectorSetId: u32,
});
type Ipfix = typeof ipfix extends fc.Arbitrary<infer T> ? T : never;
const ipfixText = (each: Ipfix) =>
  [
    `flows=${count(each.totalFlows)}, current flows=${count(each.currentFlows)}, sampled pkts=${count(each.pkts)},`,
    `ipv4 ok=${count(each.ipv4Pkts)}, ipv6 ok=${count(each.ipv6Pkts)}, tx pkts=${count(each.txPkts)}`,
    `pkts errs=${count(each.errorPkts)}, ipv4 errs=${count(each.ipv4ErrorPkts)}, ipv6 errs=${count(each.ipv6ErrorPkts)}, tx errs=${count(each.txErrors)}`,
  ].join(' ');

const empty = (kind: string) => partKind('request', kind, fc.constant({}), () => '');

export const NICIRA_KINDS: Readonly<Record<string, MessageKind>> = {
  niciraRoleRequest: role('niciraRoleRequest'),
  niciraRoleReply: role('niciraRoleReply'),
  flowModTableId: messageKind(
    fc.constantFrom(0, 1),
    (set) => ({ type: 'flowModTableId', set }),
    (set) => (set === 0 ? 'disable' : 'enable'),
  ),
  flowAge: nameOnly('flowAge'),
  setControllerId: messageKind(
    u16,
    (controllerId) => ({ type: 'setControllerId', controllerId }),
    (id) => `id=${id}`,
  ),
  tlvTableMod,
  tlvTableRequest: nameOnly('tlvTableRequest'),
  tlvTableReply,
  ctFlushZone: messageKind(
    u16,
    (zoneId) => ({ type: 'ctFlushZone', zoneId }),
    (zone) => `zone_id=${zone}`,
  ),
  ctFlush,
  'multipartRequest ipfixBridge': empty('ipfixBridge'),
  'multipartReply ipfixBridge': partKind('reply', 'ipfixBridge', ipfix, (each) => `bridge ipfix: ${ipfixText(each)}`),
  'multipartRequest ipfixFlow': empty('ipfixFlow'),
  'multipartReply ipfixFlow': partKind('reply', 'ipfixFlow', fc.array(ipfix, { maxLength: 3 }), (all) =>
    [`${all.length} ids`, ...all.map((each) => `id ${each.collectorSetId}: ${ipfixText(each)}`)].join(' '),
  ),
};
