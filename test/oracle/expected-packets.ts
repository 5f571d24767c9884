// Packets to and from the controller, in the standard's messages and in Nicira's, as Open vSwitch prints them.
import fc from 'fast-check';
import { NO_BUFFER } from '../../proto/openflow/reserved-numbers.ts';
import { u8, u32, u64 } from '../property/arbitrary.ts';
import { factsText, type MessageKind, matchText, messageKind, named, PACKET_IN_REASONS, port } from './expected.ts';
import { plain } from './printed-text.ts';
import { soundActions } from './sound-action.ts';
import { type SoundMatch, soundMatch } from './sound-match.ts';

const bytes = fc.uint8Array({ minLength: 1, maxLength: 60 });

/** What stands behind `data_len`, and the packet itself in hex: Open vSwitch prints what it makes of it too. */
function packetBytes(text: string): string {
  const lines = [...text.matchAll(/^[0-9a-f]{8} {2}([0-9a-f]{2}(?:[ -][0-9a-f]{2})*)/gm)].map(([, line]) =>
    line!.replace(/[ -]/g, ''),
  );
  return `packet:${lines.join('')}`;
}
const hex = (data: Uint8Array) => `packet:${Buffer.from(data).toString('hex')}`;

const reason = fc.constantFrom(...(Object.keys(PACKET_IN_REASONS) as (keyof typeof PACKET_IN_REASONS)[]));

/** Where the packet stood: exact values of fields that a packet carries with it, as a match has them. */
const metadata = soundMatch.filter(({ match }) => Object.values(match).every((value) => typeof value !== 'object'));

const NO_COOKIE = 0xffff_ffff_ffff_ffffn;

interface PacketIn {
  where: SoundMatch;
  bufferId: number;
  more: number;
  reason: keyof typeof PACKET_IN_REASONS;
  tableId: number;
  cookie: bigint;
  data: Uint8Array;
}

const packetInValue: fc.Arbitrary<PacketIn> = fc.record({
  where: metadata,
  bufferId: fc.oneof(u32, fc.constant(NO_BUFFER)),
  /** Bytes of the packet that stayed in the switch. */
  more: fc.integer({ min: 0, max: 1000 }),
  reason,
  tableId: u8,
  cookie: fc.oneof(u64, fc.constant(NO_COOKIE)),
  data: bytes,
});

const lengthOf = ({ bufferId, more, data }: PacketIn) => data.length + (bufferId === NO_BUFFER ? 0 : more);

function packetInText(packet: PacketIn, more: readonly string[] = []): string {
  const { where, bufferId, tableId, cookie, data } = packet;
  return [
    ...(tableId === 0 ? [] : [`table_id=${tableId}`]),
    ...(cookie === NO_COOKIE ? [] : [`cookie=0x${cookie.toString(16)}`]),
    `total_len=${lengthOf(packet)}`,
    factsText(where.facts),
    `(via ${PACKET_IN_REASONS[packet.reason]})`,
    `data_len=${data.length}`,
    bufferId === NO_BUFFER ? '(unbuffered)' : `buffer=0x${bufferId.toString(16).padStart(8, '0')}`,
    ...more,
    hex(data),
  ].join(' ');
}

/** Its match is all between the length and the reason. */
function readPacketIn(text: string): string {
  if (text.includes('packet:')) return text;
  const head = text.split('\n')[0]!;
  const [, before, match, after] = /^(.*total_len=\d+) (.*?) ?(\(via .*)$/.exec(head.trim()) ?? [];
  if (before === undefined) return text;
  const userdata = /^ userdata=\S+$/m.exec(text)?.[0] ?? '';
  return `${before} ${matchText(match!)} ${after}${userdata} ${packetBytes(text)}`.replace(/\s+/g, ' ');
}

const packetInMessage = (type: string) =>
  messageKind(
    packetInValue,
    (packet) => ({
      type,
      bufferId: packet.bufferId,
      totalLen: lengthOf(packet),
      reason: packet.reason,
      tableId: packet.tableId,
      cookie: packet.cookie,
      match: packet.where.match,
      data: packet.data,
    }),
    (packet) => packetInText(packet),
    readPacketIn,
  );

const propertiesOf = (packet: PacketIn) => [
  { type: 'packet', data: packet.data },
  { type: 'fullLen', fullLen: lengthOf(packet) },
  { type: 'bufferId', bufferId: packet.bufferId },
  { type: 'tableId', tableId: packet.tableId },
  { type: 'cookie', cookie: packet.cookie },
  { type: 'reason', reason: packet.reason },
  { type: 'metadata', match: packet.where.match },
];

const packetIn2 = messageKind(
  fc.tuple(packetInValue, fc.uint8Array({ minLength: 1, maxLength: 12 })),
  ([packet, data]) => ({ type: 'packetIn2', properties: [...propertiesOf(packet), { type: 'userdata', data }] }),
  ([packet, data]) =>
    packetInText(packet, [`userdata=${[...data].map((byte) => byte.toString(16).padStart(2, '0')).join('.')}`]),
  readPacketIn,
);

const resume = messageKind(
  packetInValue,
  (packet) => ({ type: 'resume', properties: propertiesOf(packet) }),
  (packet) => packetInText(packet),
  readPacketIn,
);

/** A packet may come from the controller or the switch itself, or from a port; not from all ports. */
const source = fc.oneof(
  port.filter((each) => typeof each === 'number' && each > 0),
  fc.constantFrom('controller', 'local'),
);

const packetOut = messageKind(
  fc.record({
    bufferId: fc.oneof(u32, fc.constant(NO_BUFFER)),
    inPort: source,
    actions: soundActions('any', true),
    data: bytes,
  }),
  ({ bufferId, actions, data, ...rest }) => ({
    type: 'packetOut',
    bufferId,
    ...rest,
    actions: actions.map(({ action }) => action),
    data: bufferId === NO_BUFFER ? data : new Uint8Array(),
  }),
  ({ bufferId, inPort, actions, data }) => {
    const done = actions.length === 0 ? 'drop' : actions.map(({ text }) => text).join(',');
    const end =
      bufferId === NO_BUFFER
        ? `data_len=${data.length} ${hex(data)}`
        : `buffer=0x${bufferId.toString(16).padStart(8, '0')}`;
    return `in_port=${named(inPort)} actions=${done} ${end}`;
  },
  (text) => {
    const line = text.split('\n')[0]!;
    const dumped = text.includes('packet:') || !line.includes('data_len') ? '' : ` ${packetBytes(text)}`;
    const [, before, packet] = /^(.*?)( packet:\S+)?$/.exec(`${line}${dumped}`)!;
    return `${plain(before!)}${packet ?? ''}`;
  },
);

/** Names of the formats in which packets come. */
const FORMATS = { standard: 'standard', packetIn: 'nxt_packet_in', packetIn2: 'nxt_packet_in2' } as const;

const setPacketInFormat = messageKind(
  fc.constantFrom(...(Object.keys(FORMATS) as (keyof typeof FORMATS)[])),
  (format) => ({ type: 'setPacketInFormat', format }),
  (format) => `format=${FORMATS[format]}`,
);

export const PACKET_KINDS: Readonly<Record<string, MessageKind>> = {
  packetIn: packetInMessage('packetIn'),
  niciraPacketIn: packetInMessage('niciraPacketIn'),
  packetIn2,
  resume,
  packetOut,
  setPacketInFormat,
};
