/** What is one for all switches: leases, relays, advertisements; and to which of them a packet goes. */

import {
  type AppDatapath,
  type Config,
  dissect,
  type PacketInEvent,
  type Port,
  resubmit,
  type SetupContext,
  set,
  type z,
} from '../../src/index.ts';
import { send as sendByRouter } from '../router/services.ts';
import { isSolicitation, solicitor } from './advertise.ts';
import { createAdvertiser } from './advertiser.ts';
import type { Asked, Origin } from './asked.ts';
import { readClientMessage } from './client.ts';
import type { COUNTERS, TABLES } from './declared.ts';
import { createLeaseBook, type LeaseBook, storedLeases } from './leases.ts';
import { withMtu } from './options.ts';
import { createProber } from './probe.ts';
import { publishedLeases } from './published.ts';
import { createRelay, type Relay } from './relay.ts';
import { replyFrame } from './reply.ts';
import { createSegmentServer, type SegmentServer } from './server.ts';
import { serverFor } from './serving.ts';

const PURGE = 3600;

type Context = SetupContext<z.ZodType, typeof TABLES, typeof COUNTERS>;

export function setUp({ network, store, timers, counters, tell, publish, switches, services }: Context) {
  const prober = createProber(timers);
  const advertiser = createAdvertiser(timers, () => switches.values(), counters.advertised.add);
  const books = new Map<string, LeaseBook>();
  let file = network;
  let servers = new Map<string, SegmentServer>();
  let relays = new Map<string, Relay>();

  function send({ dp, segment, inPort, tunnelPeer }: Origin, data: Uint8Array): void {
    dp.packetOut({ data, actions: [...set({ segment, outPort: inPort, tunnelPeer }), resubmit('output')] });
  }

  function bookOf(segment: string): LeaseBook {
    const stored = () => storedLeases(store).get(segment) ?? [];
    const book = books.get(segment) ?? createLeaseBook(segment, stored(), store, timers.now);
    books.set(segment, book);
    return book;
  }

  function serve(config: Config | undefined): void {
    file = config;
    servers = new Map();
    relays = new Map();
    for (const segment of config?.dhcp ?? []) {
      const { relay, segment: name } = segment;
      const { id, mtu } = config?.segments.find((each) => each.name === name) ?? {};
      const settings = segment.server && withMtu(segment.server, mtu);
      if (config === undefined || id === undefined) continue;
      const common = { config, now: timers.now, count: (what: keyof typeof COUNTERS) => counters[what].add() };
      if (relay !== undefined) {
        const relayed = createRelay({
          ...{ ...common, relay, segment: name, id, switches: () => switches.values() },
          send: (dp, ...packet) => services.get(sendByRouter, dp)?.send(...packet) === true,
        });
        relays.set(name, relayed);
      }
      if (settings === undefined) continue;
      const server = createSegmentServer({
        ...{ ...common, segment, settings, leases: bookOf(name), tell },
        reply: (asked, reply) => send(asked.origin, replyFrame(settings, asked.message, reply)),
        probe({ origin: { dp } }, address, done) {
          const actions = [...set({ segment: id }), resubmit('flood')];
          return prober.ask(name, address, settings.ownMac, (data) => dp.packetOut({ data, actions }), done);
        },
      });
      servers.set(name, server);
    }
    advertiser.serve(config);
    purge();
  }

  /** What the file does not give any more is remembered until it ends. */
  function purge(): void {
    for (const [segment, leases] of storedLeases(store)) {
      const book = bookOf(segment);
      const pool = servers.get(segment)?.pool;
      for (const { address } of leases) {
        if (pool?.has(address) !== true && !book.isActive(book.get(address))) book.forget(address);
      }
    }
  }

  function receive(dp: AppDatapath, event: PacketInEvent): void {
    const { match, inPort } = event;
    const packet = dissect(event.data.slice());
    const { arp, dhcp } = packet;
    const id = dp.read(match, 'segment') ?? 0;
    const segment = file?.segments.find((each) => each.id === id)?.name ?? '';
    const origin = { dp, segment: id, inPort, tunnelPeer: dp.read(match, 'tunnelPeer') ?? 0 };
    if (arp !== undefined) {
      const place = { switch: dp.name, port: dp.ports.get(inPort)?.name ?? String(inPort) };
      prober.heard(segment, arp.senderAddress, { mac: arp.senderMac, place });
    } else if (isSolicitation(packet)) advertiser.asked(segment, origin, solicitor(packet));
    else if (dhcp?.operation === 2) relayTo(dhcp.relayAgent)?.answer(packet.frame, id);
    else if (!ask(packet.frame, segment, origin)) counters.unread.add();
  }

  function relayTo(address: string): Relay | undefined {
    return [...relays.values()].find((relay) => relay.address === address);
  }

  function portAt(dp: AppDatapath, name: string): Port | undefined {
    const bridge = file?.bridges.find((each) => each.name === dp.bridge);
    return bridge?.ports.find((each) => each.host === dp.host && each.name === name);
  }

  /** False: it is nothing that anybody here answers. */
  function ask(frame: Uint8Array, segment: string, origin: Origin): boolean {
    const message = readClientMessage(frame);
    if (message === undefined) return false;
    const { dp, inPort } = origin;
    const server = serverFor(message, segment, servers);
    const name = dp.ports.get(inPort)?.name ?? String(inPort);
    const isHere = server === undefined || server.segment === segment;
    const port = portAt(dp, name);
    // By its port a relay's clients are counted, too: anybody may say that it is a relay.
    const isAccess = port !== undefined && port.vlans?.mode !== 'trunk';
    const place = { switch: dp.name, port: name };
    const asked: Asked = { message, port: isHere ? port : undefined, isAccess, origin, place };
    const relay = relays.get(segment);
    if (server !== undefined) server.handle(asked);
    else relay?.pass(asked, frame);
    return server !== undefined || relay !== undefined;
  }

  serve(network);
  publish('leases', () => publishedLeases(servers.values()));
  timers.every(PURGE, purge);
  return { packetIn: receive, networkChanged: serve, switchUp: advertiser.begin };
}
