/** The plainest switch there is: learns in the controller which station is at which port, and sets flows for it. */

import {
  addressText,
  defineApp,
  defineService,
  drop,
  isGroupMac,
  macText,
  output,
  type PacketInEvent,
  punt,
  type Station,
  slot,
  z,
} from '../../src/index.ts';
import { stations } from './services.ts';

const ETHERNET_HEADER = 14;

/** What stands behind the addresses of a frame with ARP for IPv4 on Ethernet, and where in it the sender's address is. */
const ARP = 0x0806_0001_0800;
const ARP_TYPES = 12;
const ARP_SENDER = 28;
const ARP_LENGTH = 42;

/** Ports that would close a loop, by number, and where other switches are: the app `topology` knows them. */
const topology = defineService<{
  closed(dpid: string): ReadonlyMap<number, unknown>;
  leadsToSwitch(place: { dpid: string; port: number }): boolean;
}>('topology.network');

export default defineApp({
  name: 'learning-switch',
  config: z.strictObject({
    /** Seconds without traffic after which a station is learned anew. */
    idleTimeout: z.int().min(1).max(65535).default(300),
    /** Of each switch; the one that was learned first makes room. */
    stations: z.int().min(1).default(65536),
  }),
  tables: { l2: { stage: 'switching' } },
  counters: { learned: 'Stations learned or moved' },
  offers: [stations],
  attach({ dp, config, counters, services, emit }) {
    const { l2 } = dp.flows;
    l2.set('miss', { priority: 0, match: {}, actions: [punt()], intent: 'learn unknown stations' });
    l2.set('bpdu', {
      priority: 9,
      match: { ethDst: { value: '01:80:c2:00:00:00', mask: 'ff:ff:ff:ff:ff:f0' } },
      actions: drop(),
      intent: 'no bridge control frames',
    });

    /** One flow for each two stations that talk, either way: in port, source, destination, out port. */
    const [IN_PORT, SOURCE, DESTINATION, OUT_PORT] = [0, 1, 2, 3];
    const pairs = l2.template({
      priority: 10,
      match: { inPort: slot(IN_PORT), ethSrc: slot(SOURCE), ethDst: slot(DESTINATION) },
      actions: [output(slot(OUT_PORT))],
      idleTimeout: config.idleTimeout,
      intent: 'stations that talk to each other',
    });

    /** Where the stations are, by MAC address; those whose flows still stand were learned by an earlier run. */
    const portOf = new Map<number, number>();
    for (const [inPort, source, destination, outPort] of pairs.standing()) {
      portOf.set(source!, inPort!);
      portOf.set(destination!, outPort!);
    }

    /** Of those that have sent ARP: what came last. */
    const addressOf = new Map<number, number>();

    services.offer(stations, {
      *known() {
        for (const [station, port] of portOf) yield stationAt(station, port);
      },
    });

    return {
      packetIn(packet) {
        if (packet.length < ETHERNET_HEADER) return;
        const { inPort, ethSrc, ethDst } = packet;
        if (portOf.get(ethSrc) !== inPort && !isGroupMac(ethSrc)) {
          // It was under way when its port was closed.
          if (services.get(topology)?.closed(dp.dpid).has(inPort)) return;
          learn(ethSrc, inPort);
          noteAddress(packet);
          tell(ethSrc, inPort);
        }
        const outPort = portOf.get(ethDst);
        if (outPort === undefined) flood(packet);
        else if (outPort !== inPort) {
          pairs.set(inPort, ethSrc, ethDst, outPort);
          packet.forward(outPort);
        }
      },
      portDown({ number }) {
        for (const [station, port] of portOf) {
          if (port !== number) continue;
          portOf.delete(station);
          addressOf.delete(station);
        }
        pairs.deleteWhere(IN_PORT, number);
        pairs.deleteWhere(OUT_PORT, number);
      },
      /** Stations are behind other ports than before. */
      topologyChanged() {
        // By ports, of which there are few: each station by itself would look through all flows.
        const ports = new Set([...dp.ports.keys(), ...portOf.values()]);
        portOf.clear();
        addressOf.clear();
        for (const port of ports) pairs.deleteWhere(IN_PORT, port);
      },
    };

    function flood(packet: PacketInEvent): void {
      if (noteAddress(packet)) tell(packet.ethSrc, packet.inPort);
      const closed = services.get(topology)?.closed(dp.dpid);
      if (closed === undefined || closed.size === 0) packet.forward('flood');
      else if (!closed.has(packet.inPort)) {
        const { data, inPort } = packet;
        const open = [...dp.ports.keys()].filter((port) => port !== inPort && !closed.has(port));
        if (open.length > 0) dp.packetOut({ data, inPort, actions: open.map((port) => output(port)) });
      }
    }

    /** True: it is another than was known of this station. */
    function noteAddress(packet: PacketInEvent): boolean {
      if (packet.mac(ARP_TYPES) !== ARP || packet.length < ARP_LENGTH) return false;
      const { ethSrc } = packet;
      const address = Math.floor(packet.mac(ARP_SENDER) / 0x1_0000);
      // One that asks whether an address is free does not have it.
      if (address === 0 || addressOf.get(ethSrc) === address || !portOf.has(ethSrc)) return false;
      addressOf.set(ethSrc, address);
      return true;
    }

    function stationAt(station: number, port: number): Station {
      const address = addressOf.get(station);
      const ip = address === undefined ? {} : { ip: addressText(address) };
      return { mac: macText(station), dpid: dp.dpid, port, ...ip };
    }

    function tell(station: number, port: number): void {
      // One that is behind another switch is told of there.
      if (services.get(topology)?.leadsToSwitch({ dpid: dp.dpid, port }) !== true) {
        emit('stationSeen', stationAt(station, port));
      }
    }

    function learn(station: number, port: number): void {
      if (portOf.has(station)) forget(station);
      else if (portOf.size >= config.stations) {
        const first = portOf.keys().next().value!;
        forget(first);
        addressOf.delete(first);
      }
      portOf.set(station, port);
      counters.learned.add();
    }

    /** Flows from and to a station that moved or went lead to the wrong port. */
    function forget(station: number): void {
      portOf.delete(station);
      pairs.deleteWhere(SOURCE, station);
      pairs.deleteWhere(DESTINATION, station);
    }
  },
});
