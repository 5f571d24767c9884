/** One address for several servers: each new connection goes to one of them, to a heavier one more often. */

import {
  ARP_REPLY,
  ARP_REQUEST,
  buildArp,
  ct,
  ctState,
  defineApp,
  dissect,
  drop,
  ETHER_TYPE,
  group,
  IP_PROTOCOL,
  next,
  output,
  punt,
  set,
  z,
} from 'flowloom';

const ip = { ethType: ETHER_TYPE.ipv4, ipProto: IP_PROTOCOL.tcp } as const;

export default defineApp({
  name: 'load-balancer',
  config: z.strictObject({
    /** What clients connect to. No machine has it: the switch answers for it. */
    address: z.ipv4(),
    mac: z.mac().default('02:1b:00:00:00:01'),
    port: z.int().min(1).max(65535),
    servers: z
      .array(z.strictObject({ address: z.ipv4(), mac: z.mac(), weight: z.int().min(1).max(100).default(1) }))
      .min(1),
  }),
  tables: { arrive: { stage: 'admit' }, choose: { stage: 'admit' } },
  attach({ dp, config }) {
    const { address, mac, port, servers } = config;
    const { arrive, choose } = dp.flows;
    const zone = dp.ctZone('load-balancer');

    arrive.set('who has it', {
      priority: 100,
      match: { ethType: ETHER_TYPE.arp, arpOp: ARP_REQUEST, arpTpa: address },
      actions: [punt()],
      intent: `${address} is the load balancer's`,
    });

    // A connection that is known gets its server's address; of a new one it is chosen in the next table.
    arrive.set('to the servers', {
      priority: 100,
      match: { ...ip, ipv4Dst: address, tcpDst: port },
      actions: [ct({ zone, nat: 'follow', table: 'choose' })],
      intent: `connections to ${address}:${port}`,
    });
    choose.set('new', {
      priority: 100,
      match: { ...ip, ipv4Dst: address, ctState: ctState('+trk+new') },
      actions: [group('servers')],
      intent: 'a new connection gets a server',
    });
    choose.set('stray', {
      priority: 50,
      match: { ...ip, ipv4Dst: address },
      actions: drop(),
      intent: `what comes to ${address} outside of any connection`,
    });

    // By weight; the connection remembers what was chosen.
    dp.groups.set('servers', {
      type: 'select',
      buckets: servers.map((server) => ({
        weight: server.weight,
        actions: [
          ct({
            zone,
            commit: true,
            nat: { side: 'dst', address: server.address, ports: [port, port] },
            table: 'choose',
          }),
        ],
      })),
    });

    for (const server of servers) {
      choose.set(`to ${server.address}`, {
        priority: 100,
        match: { ...ip, ipv4Dst: server.address },
        actions: [...set({ ethDst: server.mac }), next()],
        intent: `connections of ${server.address}`,
      });
      // What a server answers comes from the common address again.
      arrive.set(`from ${server.address}`, {
        priority: 100,
        match: { ...ip, ipv4Src: server.address, tcpSrc: port },
        actions: [ct({ zone, nat: 'follow', table: 'next' })],
        intent: `answers of ${server.address}`,
      });
    }

    return {
      packetIn({ data, inPort }) {
        const { arp } = dissect(data);
        if (arp === undefined) return;
        const { senderMac, senderAddress } = arp;
        const reply = { senderMac: mac, senderAddress: address, targetMac: senderMac, targetAddress: senderAddress };
        dp.packetOut({ data: buildArp({ operation: ARP_REPLY, ...reply }, senderMac), actions: [output(inPort)] });
      },
    };
  },
});
