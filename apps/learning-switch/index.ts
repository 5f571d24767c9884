/** The plainest switch there is: learns in the controller which station is at which port, and sets flows for it. */

import {
  defineApp,
  defineService,
  drop,
  isGroupMac,
  output,
  type PacketInEvent,
  punt,
  slot,
  z,
} from '../../src/index.ts';

const ETHERNET_HEADER = 14;

/** Ports that would close a loop, by number: the app `topology` knows them. */
const topology = defineService<{ closed(dpid: string): ReadonlyMap<number, unknown> }>('topology.network');

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
  attach({ dp, config, counters, services }) {
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

    return {
      packetIn(packet) {
        if (packet.length < ETHERNET_HEADER) return;
        const { inPort, ethSrc, ethDst } = packet;
        if (portOf.get(ethSrc) !== inPort && !isGroupMac(ethSrc)) {
          // It was under way when its port was closed.
          if (services.get(topology)?.closed(dp.dpid).has(inPort)) return;
          learn(ethSrc, inPort);
        }
        const outPort = portOf.get(ethDst);
        if (outPort === undefined) flood(packet);
        else if (outPort !== inPort) {
          pairs.set(inPort, ethSrc, ethDst, outPort);
          packet.forward(outPort);
        }
      },
      portDown({ number }) {
        for (const [station, port] of portOf) if (port === number) portOf.delete(station);
        pairs.deleteWhere(IN_PORT, number);
        pairs.deleteWhere(OUT_PORT, number);
      },
      /** Stations are behind other ports than before. */
      topologyChanged() {
        // By ports, of which there are few: each station by itself would look through all flows.
        const ports = new Set([...dp.ports.keys(), ...portOf.values()]);
        portOf.clear();
        for (const port of ports) pairs.deleteWhere(IN_PORT, port);
      },
    };

    function flood(packet: PacketInEvent): void {
      const closed = services.get(topology)?.closed(dp.dpid);
      if (closed === undefined || closed.size === 0) packet.forward('flood');
      else if (!closed.has(packet.inPort)) {
        const { data, inPort } = packet;
        const open = [...dp.ports.keys()].filter((port) => port !== inPort && !closed.has(port));
        if (open.length > 0) dp.packetOut({ data, inPort, actions: open.map((port) => output(port)) });
      }
    }

    function learn(station: number, port: number): void {
      if (portOf.has(station)) forget(station);
      else if (portOf.size >= config.stations) forget(portOf.keys().next().value!);
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
