/** A client's message as the server reads it (RFC 2131 4.3), wherever its options stand. */

import {
  addressText,
  DHCP_MESSAGES,
  DHCP_OPERATION,
  DHCP_OPTION,
  type Dhcp,
  dhcpOptions,
  dissect,
} from '../../src/index.ts';

export interface Client {
  /** By what it is known: its identifier, else its MAC. */
  key: string;
  mac: string;
  /** Option 61 in hex. */
  id: string | undefined;
  hostname: string | undefined;
}

export interface ClientMessage {
  type: (typeof DHCP_MESSAGES)[number];
  client: Client;
  dhcp: Dhcp;
  /** Where the frame came from. */
  ethSrc: string;
  ipSrc: string;
  ipDst: string;
  requested: string | undefined;
  /** The server that the client has chosen. */
  server: string | undefined;
  /** Seconds. */
  leaseTime: number | undefined;
  /** Codes of the options that it asks for, in its order; undefined: it says nothing of that. */
  wanted: readonly number[] | undefined;
  /** Bytes of the largest datagram that it takes. */
  maximumSize: number;
  /** Option 82, which a relay put in: it goes back as it came. */
  agent: Uint8Array | undefined;
}

/** What every client takes (RFC 2131 2), and what a frame holds. */
const LEAST_SIZE = 576;
const MOST_SIZE = 1500;
const LONGEST_NAME = 64;

/** undefined: it is no sound request of a client. */
export function readClientMessage(frame: Uint8Array): ClientMessage | undefined {
  const { eth, ipv4, udp, dhcp } = dissect(frame);
  if (eth === undefined || ipv4 === undefined || udp === undefined) return undefined;
  if (dhcp?.operation !== DHCP_OPERATION.request) return undefined;
  const options = dhcpOptions(dhcp, frame.subarray(udp.payloadOffset));
  const type = DHCP_MESSAGES[(options.get(DHCP_OPTION.messageType)?.[0] ?? 0) - 1];
  if (type === undefined) return undefined;
  const idBytes = options.get(DHCP_OPTION.clientId);
  // Of one byte it would be a type and nothing of it (RFC 2132 9.14).
  const id = idBytes !== undefined && idBytes.length > 1 ? hex(idBytes) : undefined;
  const size = numberIn(options.get(DHCP_OPTION.maximumSize), 2) ?? LEAST_SIZE;
  const wanted = options.get(DHCP_OPTION.parameterList);
  return {
    type,
    client: {
      key: id === undefined ? `mac ${dhcp.clientMac}` : `id ${id}`,
      mac: dhcp.clientMac,
      id,
      hostname: hostnameIn(options.get(DHCP_OPTION.hostName)),
    },
    dhcp,
    ethSrc: eth.src,
    ipSrc: ipv4.src,
    ipDst: ipv4.dst,
    requested: addressIn(options.get(DHCP_OPTION.requestedAddress)),
    server: addressIn(options.get(DHCP_OPTION.server)),
    leaseTime: numberIn(options.get(DHCP_OPTION.leaseTime), 4),
    wanted: wanted && [...wanted],
    maximumSize: Math.min(MOST_SIZE, Math.max(LEAST_SIZE, size)),
    agent: options.get(DHCP_OPTION.relayAgent),
  };
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function numberIn(bytes: Uint8Array | undefined, length: number): number | undefined {
  if (bytes?.length !== length) return undefined;
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
}

function addressIn(bytes: Uint8Array | undefined): string | undefined {
  const number = numberIn(bytes, 4);
  return number === undefined ? undefined : addressText(number);
}

/** As a client writes it, it may be anything. */
function hostnameIn(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  const text = Buffer.from(bytes.subarray(0, LONGEST_NAME)).toString('latin1').replace(/\0+$/, '');
  return /^[\x21-\x7e]+$/.test(text) ? text : undefined;
}
