/** The server's messages: what they say, to whom they go, and as what frame (RFC 2131 4.1, 4.3). */

import {
  BROADCAST_MAC,
  buildPacket,
  DHCP_BROADCAST,
  DHCP_MESSAGES,
  DHCP_OPERATION,
  DHCP_OPTION,
  DHCP_PORT,
  type DhcpOption,
  type DhcpServer,
  layDhcpOptions,
} from '../../src/index.ts';
import type { ClientMessage } from './client.ts';
import { bytesOfAddress, bytesOfNumber, givenOptions, textBytes } from './options.ts';

export interface Reply {
  type: 'offer' | 'ack' | 'nak';
  /** The client's address; undefined: it has one already, or gets none. */
  address?: string;
  /** Seconds; undefined: no lease goes with it. */
  lease?: number;
  /** Why not, in a NAK. */
  message?: string;
}

const NOWHERE = '0.0.0.0';
const EVERYBODY = '255.255.255.255';
/** IP, UDP, and a DHCP message before its options. */
const HEADERS = 20 + 8 + 240;
/** Older relays and clients take no less (RFC 1542 2.1). */
const LEAST_MESSAGE = 300;

export function replyFrame(server: DhcpServer, asked: ClientMessage, reply: Reply): Uint8Array {
  const { dhcp } = asked;
  const isNak = reply.type === 'nak';
  const nextServer = server.options.find(({ code }) => code === undefined)?.values[0];
  const file = server.options.find(({ code }) => code === DHCP_OPTION.bootFile)?.values[0];
  // A client that asks for the option reads it there; boot ROMs read the field.
  const bootFile = isNak || file === undefined || asked.wanted?.includes(DHCP_OPTION.bootFile) ? '' : String(file);
  const agent = asked.agent === undefined ? [] : [{ code: DHCP_OPTION.relayAgent, value: asked.agent }];
  const agentLength = asked.agent === undefined ? 0 : asked.agent.length + 2;
  const laid = layDhcpOptions(optionsOf(server, asked, reply), asked.maximumSize - HEADERS - agentLength, {
    serverName: false,
    bootFile: bootFile !== '',
  });
  const { eth, ip, port } = destination(asked, reply);
  const isToRelay = dhcp.relayAgent !== NOWHERE;
  const options = [...laid.options, ...agent];
  const length = 241 + options.reduce((sum, { value }) => sum + 2 + value.length, 0);
  return buildPacket({
    eth: { src: server.mac, dst: eth },
    ipv4: { src: server.address, dst: ip },
    udp: { srcPort: DHCP_PORT.server, dstPort: port },
    dhcp: {
      operation: DHCP_OPERATION.reply,
      hops: 0,
      transactionId: dhcp.transactionId,
      // A relay hands a NAK to everybody, for the client has no address that it could have (RFC 2131 4.3.2).
      flags: isNak && isToRelay ? dhcp.flags | DHCP_BROADCAST : dhcp.flags,
      clientAddress: reply.type === 'ack' ? dhcp.clientAddress : NOWHERE,
      yourAddress: reply.address ?? NOWHERE,
      nextServer: isNak || nextServer === undefined ? NOWHERE : String(nextServer),
      relayAgent: dhcp.relayAgent,
      clientMac: dhcp.clientMac,
      serverName: laid.serverName ?? '',
      bootFile: laid.bootFile ?? bootFile,
      options,
    },
    payload: new Uint8Array(Math.max(0, LEAST_MESSAGE - length)),
  });
}

function optionsOf(server: DhcpServer, asked: ClientMessage, { type, lease, message }: Reply): DhcpOption[] {
  const options: DhcpOption[] = [
    { code: DHCP_OPTION.messageType, value: Uint8Array.of(DHCP_MESSAGES.indexOf(type) + 1) },
    { code: DHCP_OPTION.server, value: bytesOfAddress(server.address) },
  ];
  if (type === 'nak') {
    if (message !== undefined) options.push({ code: DHCP_OPTION.message, value: textBytes(message) });
    return options;
  }
  if (lease !== undefined) {
    const seconds = (code: number, value: number) => options.push({ code, value: bytesOfNumber(Math.floor(value), 4) });
    seconds(DHCP_OPTION.leaseTime, lease);
    seconds(DHCP_OPTION.renewalTime, lease * 0.5);
    seconds(DHCP_OPTION.rebindingTime, lease * 0.875);
  }
  const said = new Set(options.map(({ code }) => code));
  options.push(...givenOptions(server, asked).filter(({ code }) => !said.has(code)));
  return options;
}

function destination(
  { dhcp, ethSrc }: ClientMessage,
  { type, address }: Reply,
): { eth: string; ip: string; port: number } {
  const { relayAgent, clientAddress, clientMac, flags } = dhcp;
  // Back the way that it came: the relay, or the router before it, sent the frame.
  if (relayAgent !== NOWHERE) return { eth: ethSrc, ip: relayAgent, port: DHCP_PORT.server };
  const port = DHCP_PORT.client;
  if (type === 'nak') return { eth: BROADCAST_MAC, ip: EVERYBODY, port };
  if (clientAddress !== NOWHERE) return { eth: clientMac, ip: clientAddress, port };
  if ((flags & DHCP_BROADCAST) !== 0 || address === undefined) return { eth: BROADCAST_MAC, ip: EVERYBODY, port };
  return { eth: clientMac, ip: address, port };
}
