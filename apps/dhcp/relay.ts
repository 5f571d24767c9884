/** Passes clients' messages on to a server elsewhere, and its answers back to them (RFC 1542 4, RFC 3046). */

import {
  type AppDatapath,
  BROADCAST_MAC,
  buildPacket,
  type Config,
  DHCP_BROADCAST,
  DHCP_OPERATION,
  DHCP_OPTION,
  DHCP_PORT,
  type Dhcp,
  type DhcpRelay,
  dhcpOptions,
  dissect,
  type Router,
  resubmit,
  set,
} from '../../src/index.ts';
import type { Asked, Origin } from './asked.ts';
import { bytesOfAddress } from './options.ts';

export interface RelayParts {
  config: Config;
  segment: string;
  /** Segment.id */
  id: number;
  relay: DhcpRelay;
  now(): number;
  /** Those on which the app is now. */
  switches(): Iterable<AppDatapath>;
  /** By the router's own ways. False: it has none. */
  send(dp: AppDatapath, router: string, to: string, frame: Uint8Array): boolean;
  count(what: 'passedOn' | 'answered' | 'lost'): void;
}

export interface Relay {
  readonly segment: string;
  readonly address: string;
  /** A client's message, with the frame that it came in. */
  pass(asked: Asked, frame: Uint8Array): void;
  /** A server's answer, that came in by a segment. */
  answer(frame: Uint8Array, segment: number): void;
}

const NOWHERE = '0.0.0.0';
const EVERYBODY = '255.255.255.255';
const MOST_HOPS = 16;
const OPTIONS_AT = 240;
const END = 255;
const LEAST_MESSAGE = 300;
/** Of option 82: by which of our ports the client came. */
const CIRCUIT_ID = 1;
/** Questions that wait for their answers, and for how many milliseconds. */
const MOST_WAITING = 4096;
const WAITS = 60_000;

export function createRelay(parts: RelayParts): Relay {
  const { config, relay, now, count } = parts;
  const router = config.routers.find(({ name }) => name === relay.router);
  /** By transaction and client; the oldest first. */
  const waiting = new Map<string, { origin: Origin; until: number }>();

  const keyOf = ({ transactionId, clientMac }: Dhcp) => `${transactionId} ${clientMac}`;
  const home = () =>
    [...parts.switches()].find(({ host, bridge }) => host === router?.host && bridge === router?.bridge);

  function remember(dhcp: Dhcp, origin: Origin): void {
    const key = keyOf(dhcp);
    waiting.delete(key);
    waiting.set(key, { origin, until: now() + WAITS });
    for (const [oldest, { until }] of waiting) {
      if (waiting.size <= MOST_WAITING && until > now()) break;
      waiting.delete(oldest);
    }
  }

  /**
   * Where the client is: as it asked, or as the option says that the server gave back, which a station of the clients' own
   * segment may have made up.
   */
  function originOf(dhcp: Dhcp, circuit: string | undefined, cameBy: number): Origin | undefined {
    const asked = waiting.get(keyOf(dhcp));
    if (asked !== undefined || cameBy === parts.id) return asked?.origin;
    const [, name = '', port = ''] = /^(\S+):(\S+)$/.exec(circuit ?? '') ?? [];
    const dp = [...parts.switches()].find((each) => each.name === name);
    const inPort = dp?.port(port)?.number;
    return dp === undefined || inPort === undefined ? undefined : { dp, segment: parts.id, inPort, tunnelPeer: 0 };
  }

  return {
    segment: parts.segment,
    address: relay.address,
    pass({ message, origin, place }, frame) {
      const { dhcp, agent } = message;
      const isFirst = dhcp.relayAgent === NOWHERE;
      // The option is a relay's to set: a client that sends it makes something up (RFC 3046 2.1).
      if (dhcp.hops >= MOST_HOPS || (isFirst && agent !== undefined)) {
        count('lost');
        return;
      }
      const { udp } = dissect(frame);
      const dp = home();
      if (udp === undefined || dp === undefined || router === undefined) {
        count('lost');
        return;
      }
      const asked = frame.slice(udp.payloadOffset, dhcp.payloadOffset - 1);
      asked[3] = dhcp.hops + 1;
      if (isFirst) asked.set(bytesOfAddress(relay.address), 24);
      const payload = padded(asked, isFirst ? circuitOption(`${place.switch}:${place.port}`) : new Uint8Array(0));
      remember(dhcp, origin);
      for (const server of relay.servers) {
        const data = toServer(router, relay.address, server, payload);
        count(parts.send(dp, router.name, server, data) ? 'passedOn' : 'lost');
      }
    },
    answer(frame, cameBy) {
      const { ipv4, udp, dhcp } = dissect(frame);
      if (udp === undefined || dhcp?.operation !== DHCP_OPERATION.reply || router === undefined) return;
      if (ipv4 === undefined || !relay.servers.includes(ipv4.src)) {
        count('lost');
        return;
      }
      const agent = dhcpOptions(dhcp, frame.subarray(udp.payloadOffset)).get(DHCP_OPTION.relayAgent);
      const origin = originOf(dhcp, circuitIn(agent), cameBy);
      if (origin === undefined) {
        count('lost');
        return;
      }
      count('answered');
      const told = withoutAgent(frame.subarray(udp.payloadOffset, dhcp.payloadOffset));
      const { dp, segment, inPort, tunnelPeer } = origin;
      const data = toClient(router, relay.address, dhcp, told);
      dp.packetOut({ data, actions: [...set({ segment, outPort: inPort, tunnelPeer }), resubmit('output')] });
    },
  };
}

function toServer({ mac }: Router, src: string, dst: string, payload: Uint8Array): Uint8Array {
  const { server } = DHCP_PORT;
  return buildPacket({ eth: { src: mac }, ipv4: { src, dst }, udp: { srcPort: server, dstPort: server }, payload });
}

function toClient({ mac }: Router, src: string, dhcp: Dhcp, payload: Uint8Array): Uint8Array {
  const isForAll = (dhcp.flags & DHCP_BROADCAST) !== 0 || dhcp.yourAddress === NOWHERE;
  return buildPacket({
    eth: { src: mac, dst: isForAll ? BROADCAST_MAC : dhcp.clientMac },
    ipv4: { src, dst: isForAll ? EVERYBODY : dhcp.yourAddress },
    udp: { srcPort: DHCP_PORT.server, dstPort: DHCP_PORT.client },
    payload,
  });
}

/** The message without its end, more options, the end, and padding as old relays and clients want it. */
function padded(message: Uint8Array, options: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.max(LEAST_MESSAGE, message.length + options.length + 1));
  bytes.set(message);
  bytes.set(options, message.length);
  bytes[message.length + options.length] = END;
  return bytes;
}

function circuitOption(place: string): Uint8Array {
  const text = Buffer.from(place, 'latin1').subarray(0, 253);
  return Buffer.concat([Uint8Array.of(DHCP_OPTION.relayAgent, text.length + 2, CIRCUIT_ID, text.length), text]);
}

function circuitIn(agent: Uint8Array | undefined): string | undefined {
  if (agent === undefined || agent[0] !== CIRCUIT_ID) return undefined;
  return Buffer.from(agent.subarray(2, 2 + (agent[1] ?? 0))).toString('latin1');
}

/** The client gets the answer without the relay's option (RFC 3046 2.1). */
function withoutAgent(message: Uint8Array): Uint8Array {
  const parts = [message.subarray(0, OPTIONS_AT)];
  for (let at = OPTIONS_AT; at < message.length && message[at] !== END; ) {
    const length = message[at] === 0 ? 1 : 2 + (message[at + 1] ?? 0);
    if (message[at] !== DHCP_OPTION.relayAgent) parts.push(message.subarray(at, at + length));
    at += length;
  }
  return padded(Buffer.concat(parts), new Uint8Array(0));
}
