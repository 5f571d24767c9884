/** A DHCP client of a lab: messages as raw layers, and what is said to it, read. */

import { DHCP_MESSAGES, DHCP_OPTION, type Dhcp, dhcpOptions } from '../../../src/index.ts';
import { dissect } from '../../../src/packet/dissect.ts';
import type { Delivery } from '../../../src/testing/delivery.ts';
import { type Lab, packet } from '../../../src/testing/index.ts';

type MessageName = (typeof DHCP_MESSAGES)[number];

export interface Sent {
  type: MessageName;
  /** Default: the guest's. */
  mac?: string;
  xid?: number;
  ciaddr?: string;
  giaddr?: string;
  broadcast?: boolean;
  hops?: number;
  /** By code: text, an address, a number of one byte, or bytes. */
  options?: Record<number, string | number | Uint8Array>;
  /** Of the frame: default 0.0.0.0 to everybody. */
  src?: string;
  dst?: string;
  ethDst?: string;
  vlan?: number;
}

export interface Heard {
  type: MessageName;
  port: string;
  eth: { src: string; dst: string };
  ip: { src: string; dst: string };
  udp: { srcPort: number; dstPort: number };
  dhcp: Dhcp;
  vlan: number | undefined;
  options: Map<number, Uint8Array>;
  /** An option's addresses. */
  addresses(code: number): string[];
  number(code: number): number | undefined;
  text(code: number): string | undefined;
  frame: Uint8Array;
}

const ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;

function bytesOf(value: string | number | Uint8Array): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'number') return Uint8Array.of(value);
  return ADDRESS.test(value) ? Uint8Array.from(value.split('.').map(Number)) : Buffer.from(value);
}

export function clientFrame(mac: string, sent: Sent): Uint8Array {
  const options = Object.entries(sent.options ?? {}).map(([code, value]) => ({
    ...{ code: Number(code), value: bytesOf(value) },
  }));
  const isRelayed = sent.giaddr !== undefined;
  return packet.layers({
    eth: { src: mac, dst: sent.ethDst ?? 'ff:ff:ff:ff:ff:ff' },
    ...(sent.vlan !== undefined && { vlans: [{ vid: sent.vlan }] }),
    ipv4: { src: sent.src ?? '0.0.0.0', dst: sent.dst ?? '255.255.255.255' },
    udp: { srcPort: isRelayed ? 67 : 68, dstPort: 67 },
    dhcp: {
      operation: 1,
      hops: sent.hops ?? 0,
      transactionId: sent.xid ?? 0x1234_5678,
      flags: sent.broadcast === true ? 0x8000 : 0,
      clientAddress: sent.ciaddr ?? '0.0.0.0',
      relayAgent: sent.giaddr ?? '0.0.0.0',
      clientMac: sent.mac ?? mac,
      options: [
        { code: DHCP_OPTION.messageType, value: Uint8Array.of(DHCP_MESSAGES.indexOf(sent.type) + 1) },
        ...options,
      ],
    },
  });
}

/** What left because guests answered, too. */
export function allLeft({ left, answers }: Pick<Delivery, 'left' | 'answers'>): Delivery['left'] {
  return [...left, ...answers.flatMap(allLeft)];
}

/** All answers of DHCP servers that left the network meanwhile. */
export function heardIn(delivery: Pick<Delivery, 'left' | 'answers'>): Heard[] {
  return allLeft(delivery).flatMap(({ at: port, frame }) => {
    const { eth, vlans, ipv4, udp, dhcp } = dissect(frame);
    if (eth === undefined || ipv4 === undefined || udp === undefined || dhcp?.operation !== 2) return [];
    const options = dhcpOptions(dhcp, frame.subarray(udp.payloadOffset));
    const bytes = (code: number) => options.get(code);
    return [
      {
        type: DHCP_MESSAGES[(bytes(DHCP_OPTION.messageType)?.[0] ?? 0) - 1]!,
        ...{ port, eth, udp, dhcp, options, frame, ip: ipv4, vlan: vlans[0]?.vid },
        addresses: (code: number) => {
          const all = [...(bytes(code) ?? [])];
          return Array.from({ length: all.length / 4 }, (_, index) => all.slice(4 * index, 4 * index + 4).join('.'));
        },
        number: (code: number) => bytes(code)?.reduce((sum, byte) => sum * 256 + byte, 0),
        text: (code: number) => bytes(code) && Buffer.from(bytes(code)!).toString('latin1'),
      },
    ];
  });
}

/** Sends it, waits as long as the server may probe, and gives what was said to it. */
export async function say(net: Lab, guest: string, sent: Sent): Promise<Heard[]> {
  const mac = sent.mac ?? net.guest(guest).mac;
  const now = await net.send(guest, clientFrame(mac, sent));
  const later = await net.advance(0.6);
  return [...heardIn(now), ...heardIn(later)].filter(({ dhcp }) => dhcp.clientMac === mac);
}

/** All four messages; the acknowledgement. */
export async function lease(net: Lab, guest: string, more: Partial<Sent> = {}): Promise<Heard> {
  const [offer] = await say(net, guest, { type: 'discover', ...more });
  if (offer?.type !== 'offer') throw new Error(`${guest} is offered nothing`);
  const options = { ...more.options, 50: offer.dhcp.yourAddress, 54: offer.addresses(54)[0]! };
  const [ack] = await say(net, guest, { ...more, type: 'request', options });
  if (ack?.type !== 'ack') throw new Error(`${guest} is not given ${offer.dhcp.yourAddress}: ${ack?.text(56)}`);
  return ack;
}
