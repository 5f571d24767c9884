/** Two stations of one switch that talk: a request and its answer, over and over, in UDP or TCP, each frame with a number. */

import { macText } from '../../../proto/wire/address.ts';
import { buildPacket } from '../../packet/build.ts';
import { putU16, putU24, putU32, u16, u32 } from '../../packet/bytes.ts';
import { ETHER_TYPE } from '../../packet/ethernet.ts';
import { update16, update32 } from '../../packet/incremental-checksum.ts';
import { IP_PROTOCOL } from '../../packet/ipv4.ts';
import type { TcpFlag } from '../../packet/tcp.ts';

export interface Station {
  readonly port: number;
  readonly mac: string;
  readonly address: string;
}

export interface Conversation {
  readonly client: Station;
  readonly server: Station;
  /** How many requests there were before the last one; -1: there was none. */
  rounds: number;
  /** The same bytes again and again. */
  readonly request: Uint8Array;
  readonly answer: Uint8Array;
}

/** Locally administered. */
const FIRST_BYTE = 0x02;
const NETWORK = 10 << 24;

/** `serial`: from 1, of 24 bits; no two stations of switches whose numbers differ in the lowest 16 bits are the same. */
export function stationOf(dpid: bigint, port: number, serial: number): Station {
  const mac = new Uint8Array(6);
  mac[0] = FIRST_BYTE;
  putU16(mac, 1, Number(dpid & 0xffffn));
  putU24(mac, 3, serial);
  const address = new Uint8Array(4);
  putU32(address, 0, (NETWORK | (serial & 0xff_ffff)) >>> 0);
  return { port, mac: macText(mac), address: address.join('.') };
}

/** By which a frame is known among what else a controller sends; behind it stands its number. */
const MARK = 0xf10c_100d;
const PAYLOAD = 8;
const ECHO_PORT = 7;

export function beginConversation(client: Station, server: Station, isTcp: boolean, clientPort: number): Conversation {
  const frame = (from: Station, to: Station, srcPort: number, dstPort: number, flags: TcpFlag[]) => {
    const payload = new Uint8Array(PAYLOAD);
    putU32(payload, 0, MARK);
    const transport = isTcp ? { tcp: { srcPort, dstPort, flags } } : { udp: { srcPort, dstPort } };
    const network = { ipv4: { src: from.address, dst: to.address } };
    return buildPacket({ eth: { src: from.mac, dst: to.mac }, ...network, ...transport, payload });
  };
  return {
    client,
    server,
    rounds: -1,
    request: frame(client, server, clientPort, ECHO_PORT, ['syn']),
    answer: frame(server, client, ECHO_PORT, clientPort, ['syn', 'ack']),
  };
}

const TRANSPORT = 34;
const PROTOCOL = 23;
const TCP_FLAGS = 12;
/** Offset of a header without options, ACK and PSH. */
const DATA = 0x5018;

/** The next request, or its answer, with its number; it is good until the next one. */
export function numbered(conversation: Conversation, isAnswer: boolean, number: number): Uint8Array {
  const { request, answer, rounds } = conversation;
  const frame = isAnswer ? answer : request;
  const isTcp = frame[PROTOCOL] === IP_PROTOCOL.tcp;
  const sumAt = TRANSPORT + (isTcp ? 16 : 6);
  if (isTcp) {
    // SYN takes a number itself. A request that was lost is not sent again: both go on as if it had come.
    const done = rounds === 0 ? 0 : 1 + PAYLOAD * rounds;
    put32(frame, TRANSPORT + 4, done, sumAt);
    put32(frame, TRANSPORT + 8, isAnswer ? 1 + PAYLOAD * (rounds + 1) : done, sumAt);
    const flags = rounds === 0 ? u16(frame, TRANSPORT + TCP_FLAGS) : DATA;
    update16(frame, sumAt, u16(frame, TRANSPORT + TCP_FLAGS), flags);
    putU16(frame, TRANSPORT + TCP_FLAGS, flags);
  }
  put32(frame, frame.length - 4, number, sumAt);
  return frame;
}

function put32(frame: Uint8Array, at: number, value: number, sumAt: number): void {
  update32(frame, sumAt, u32(frame, at), value);
  putU32(frame, at, value);
}

/** Of a frame as it has come, in whatever form; undefined: it is none of a conversation. */
export function numberIn(frame: Uint8Array): number | undefined {
  let at = 12;
  while (u16(frame, at) === ETHER_TYPE.vlan || u16(frame, at) === ETHER_TYPE.serviceVlan) at += 4;
  if (u16(frame, at) !== ETHER_TYPE.ipv4) return undefined;
  const ip = at + 2;
  const transport = ip + 4 * (frame[ip]! & 15);
  const header = frame[ip + 9] === IP_PROTOCOL.tcp ? 4 * (frame[transport + 12]! >>> 4) : 8;
  const payload = transport + header;
  return payload + PAYLOAD <= frame.length && u32(frame, payload) === MARK ? u32(frame, payload + 4) : undefined;
}
