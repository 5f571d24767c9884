// Multiparts about the switch, and requests about its flows, as Open vSwitch prints them.
import fc from 'fast-check';
import { u32, u64 } from '../property/arbitrary.ts';
import { factsText, type MessageKind, named, optional, partKind, port, readMatchAfter } from './expected.ts';
import { soundMatch } from './sound-match.ts';

const tableId = fc.oneof(fc.integer({ min: 0, max: 254 }), fc.constant('all'));

/** Of cookies and groups Open vSwitch prints nothing. */
const statsRequest = (kind: string) =>
  partKind(
    'request',
    kind,
    fc.tuple(soundMatch, fc.record({ tableId, outPort: port, outGroup: u32, cookie: u64, cookieMask: u64 })),
    ([{ facts }, head]) =>
      [
        ...optional(`table=${head.tableId}`, head.tableId !== 'all'),
        ...optional(`out_port=${named(head.outPort)}`, head.outPort !== 'any'),
        factsText(facts),
      ].join(' '),
    (text) => readMatchAfter(text, /^(flags=|table=|out_port=)/),
    ([{ match }, head]) => ({ ...head, match }),
  );

const aggregate = partKind(
  'reply',
  'aggregate',
  fc.record({ packetCount: u64, byteCount: u64, flowCount: u32 }),
  (each) => `packet_count=${each.packetCount} byte_count=${each.byteCount} flow_count=${each.flowCount}`,
);

const text = (size: number) => fc.stringMatching(/^[A-Za-z0-9_./-]*$/, { maxLength: size - 1 });
const desc = partKind(
  'reply',
  'desc',
  fc.record({ mfrDesc: text(256), hwDesc: text(256), swDesc: text(256), serialNum: text(32), dpDesc: text(256) }),
  (each) =>
    [
      `Manufacturer: ${each.mfrDesc}`,
      `Hardware: ${each.hwDesc}`,
      `Software: ${each.swDesc}`,
      `Serial Num: ${each.serialNum}`,
      `DP Description: ${each.dpDesc}`,
    ].join(' '),
);

/** A request without a body; Open vSwitch reads some as for all groups or ports. */
const bodyless = (kind: string, shown = '') => partKind('request', kind, fc.constant({}), () => shown);

export const MULTIPART_KINDS: Readonly<Record<string, MessageKind>> = {
  'multipartRequest desc': bodyless('desc'),
  'multipartReply desc': desc,
  'multipartRequest flow': statsRequest('flow'),
  'multipartRequest aggregate': statsRequest('aggregate'),
  'multipartReply aggregate': aggregate,
  'multipartRequest table': bodyless('table'),
  'multipartRequest groupDesc': bodyless('groupDesc', 'group_id=ALL'),
  'multipartRequest groupFeatures': bodyless('groupFeatures'),
  'multipartRequest meterFeatures': bodyless('meterFeatures'),
  'multipartRequest portDesc': bodyless('portDesc', 'port=ANY'),
  'multipartRequest tableDesc': bodyless('tableDesc'),
};
