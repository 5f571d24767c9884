/** A port that is closed, until somebody has knocked at three others, in the right order. */

import { addressNumber, defineApp, dissect, drop, ETHER_TYPE, IP_PROTOCOL, next, punt, slot, z } from 'flowloom';

const port = z.int().min(1).max(65535);
const tcp = { ethType: ETHER_TYPE.ipv4, ipProto: IP_PROTOCOL.tcp } as const;

/** So many who knock are remembered; beyond that the first of them are forgotten. */
const MOST_KNOCKERS = 10_000;

export default defineApp({
  name: 'port-knocking',
  config: z.strictObject({
    /** What is closed. */
    port: port.default(22),
    /** Where to knock, in this order. */
    knocks: z.array(port).min(1).default([7000, 8000, 9000]),
    /** Seconds for all the knocks together. */
    within: z.int().min(1).default(10),
    /** Seconds without a packet after which it is closed again. */
    open: z.int().min(1).max(65535).default(60),
  }),
  tables: { gate: { stage: 'admit' } },
  counters: { opened: 'How often somebody knocked rightly' },
  attach({ dp, config, counters, log, timers }) {
    const { gate } = dp.flows;

    // Each knock comes to this app, and goes no further.
    for (const knock of config.knocks) {
      gate.set(`knock ${knock}`, {
        priority: 300,
        match: { ...tcp, tcpDst: knock },
        actions: [punt()],
        intent: `a knock at port ${knock}`,
      });
    }

    // For those who knocked rightly: one flow each, which the switch keeps as long as it is used.
    const opened = gate.template({
      priority: 200,
      match: { ...tcp, ipv4Src: slot(0), tcpDst: config.port },
      actions: [next()],
      idleTimeout: config.open,
      intent: `port ${config.port} is open for who has knocked`,
    });

    // For all others.
    gate.set('closed', {
      priority: 100,
      match: { ...tcp, tcpDst: config.port },
      actions: drop(),
      intent: `port ${config.port} is closed`,
    });

    /** By address: how many knocks were right so far, and when the first of them was. */
    const knockers = new Map<string, { right: number; since: number }>();

    return {
      packetIn(packet) {
        const { ipv4, tcp: header } = dissect(packet.data);
        if (ipv4 === undefined || header === undefined) return;
        const right = knock(ipv4.src, header.dstPort);
        if (right < config.knocks.length) return;
        knockers.delete(ipv4.src);
        counters.opened.add();
        log.info(`${ipv4.src} has knocked: port ${config.port} is open for it`);
        opened.set(addressNumber(ipv4.src));
      },
    };

    /** How many knocks in a row were right. */
    function knock(address: string, at: number): number {
      const now = timers.now();
      const before = knockers.get(address) ?? { right: 0, since: now };
      const inTime = now - before.since <= config.within * 1000;
      if (inTime && config.knocks[before.right] === at) return remember(address, before.right + 1, before.since);
      // A wrong knock may be the first one of another try.
      return remember(address, config.knocks[0] === at ? 1 : 0, now);
    }

    function remember(address: string, right: number, since: number): number {
      knockers.delete(address);
      if (right === 0) return 0;
      if (knockers.size >= MOST_KNOCKERS) knockers.delete(knockers.keys().next().value!);
      knockers.set(address, { right, since });
      return right;
    }
  },
});
