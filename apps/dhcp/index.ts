/** DHCP on the file's segments: a server whose leases outlive Flowloom; every switch's own guests are answered there. */

import {
  type AppDatapath,
  type Config,
  defineApp,
  dissect,
  type PacketInEvent,
  resubmit,
  set,
} from '../../src/index.ts';
import { readClientMessage } from './client.ts';
import { guardFlows, meters, respondFlows } from './flows.ts';
import { createLeaseBook, type LeaseBook, storedLeases } from './leases.ts';
import { createProber } from './probe.ts';
import { publishedLeases } from './published.ts';
import { replyFrame } from './reply.ts';
import { type Asked, createSegmentServer, type Origin, type SegmentServer } from './server.ts';
import { serverFor } from './serving.ts';
import { siteOf } from './site.ts';

const PURGE = 3600;

export default defineApp({
  name: 'dhcp',
  tables: {
    guard: { stage: 'admit' },
    respond: { stage: 'respond' },
  },
  counters: {
    offered: 'Addresses that were offered',
    acknowledged: 'Leases that were given or prolonged',
    refused: 'Requests for addresses that the client may not have',
    exhausted: 'Clients for whom there was no address left',
    conflicts: 'Addresses that somebody used without a lease',
    limited: 'Clients that got none because their port has as many as it may',
    unread: 'Messages that were no sound requests, or of no segment that is served',
  },
  attach({ dp, network }) {
    let file = network;

    function update(): void {
      const site = siteOf(file, dp);
      dp.meters.replace(meters(site));
      dp.flows.guard.replace(guardFlows(site));
      dp.flows.respond.replace(respondFlows(site));
    }

    update();
    return {
      portUp: update,
      portDown: update,
      networkChanged(changed) {
        file = changed;
        update();
      },
    };
  },
  setup({ network, store, timers, counters, tell, publish }) {
    const prober = createProber(timers);
    const books = new Map<string, LeaseBook>();
    let file = network;
    let servers = new Map<string, SegmentServer>();

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
      for (const segment of config?.dhcp ?? []) {
        const { server: settings } = segment;
        if (config === undefined || settings === undefined) continue;
        const server = createSegmentServer({
          ...{ config, segment, settings, leases: bookOf(segment.segment), now: timers.now, tell },
          reply: (asked, reply) => send(asked.origin, replyFrame(settings, asked.message, reply)),
          probe: ({ origin: { dp, segment: id } }, address, done) =>
            prober.ask(
              segment.segment,
              address,
              settings.mac,
              (data) => dp.packetOut({ data, actions: [...set({ segment: id }), resubmit('flood')] }),
              done,
            ),
          count: (what) => counters[what].add(),
        });
        servers.set(segment.segment, server);
      }
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

    function receive(dp: AppDatapath, packet: PacketInEvent): void {
      const { match, inPort } = packet;
      const data = packet.data.slice();
      const id = dp.read(match, 'segment') ?? 0;
      const segment = file?.segments.find((each) => each.id === id);
      const { arp } = dissect(data);
      if (arp !== undefined) {
        if (segment !== undefined) prober.heard(segment.name, arp.senderAddress, arp.senderMac);
        return;
      }
      const message = readClientMessage(data);
      const server = message && serverFor(message, segment?.name, servers);
      if (message === undefined || server === undefined) {
        counters.unread.add();
        return;
      }
      const name = dp.ports.get(inPort)?.name ?? String(inPort);
      const isRelayed = server.segment !== segment?.name;
      const port = file?.bridges
        .find((bridge) => bridge.name === dp.bridge)
        ?.ports.find((each) => each.host === dp.host && each.name === name);
      const asked: Asked = {
        message,
        port: isRelayed ? undefined : port,
        place: { switch: dp.name, port: name },
        isAccess: !isRelayed && port !== undefined && port.vlans?.mode !== 'trunk',
        origin: { dp, segment: id, inPort, tunnelPeer: dp.read(match, 'tunnelPeer') ?? 0 },
      };
      server.handle(asked);
    }

    serve(network);
    publish('leases', () => publishedLeases(servers.values()));
    timers.every(PURGE, purge);
    return { packetIn: receive, networkChanged: serve };
  },
});
