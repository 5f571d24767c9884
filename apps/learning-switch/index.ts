/** The plainest switch there is: learns in the controller which station is at which port, and sets flows for it. */

import { defineApp, drop, isGroupMac, macText, output, punt, z } from '../../src/index.ts';

export default defineApp({
  name: 'learning-switch',
  config: z.strictObject({
    /** Seconds without traffic after which a station is learned anew. */
    idleTimeout: z.int().min(1).max(65535).default(300),
  }),
  tables: { l2: { stage: 'switching' } },
  counters: { learned: 'Stations learned or moved' },
  attach({ dp, config, counters }) {
    /** By the station's MAC address. */
    const portOf = new Map<number, number>();
    /** Keys of the flows that stand: `in port/source/destination`. */
    const pairs = new Set<string>();
    const { l2 } = dp.flows;
    l2.set('miss', { priority: 0, match: {}, actions: [punt()], intent: 'learn unknown stations' });
    l2.set('bpdu', {
      priority: 9,
      match: { ethDst: { value: '01:80:c2:00:00:00', mask: 'ff:ff:ff:ff:ff:f0' } },
      actions: drop(),
      intent: 'no bridge control frames',
    });

    return {
      packetIn(packet) {
        if (packet.length < 14) return;
        const { inPort, ethSrc, ethDst } = packet;
        if (!isGroupMac(ethSrc) && portOf.get(ethSrc) !== inPort) {
          forget(ethSrc);
          portOf.set(ethSrc, inPort);
          counters.learned.add();
        }
        const outPort = isGroupMac(ethDst) ? undefined : portOf.get(ethDst);
        if (outPort !== undefined && outPort !== inPort) {
          const key = `${inPort}/${ethSrc}/${ethDst}`;
          l2.set(key, {
            priority: 10,
            match: { inPort, ethSrc: macText(ethSrc), ethDst: macText(ethDst) },
            actions: [output(outPort)],
            idleTimeout: config.idleTimeout,
            intent: 'stations that talk to each other',
          });
          pairs.add(key);
        }
        packet.forward(outPort ?? 'flood');
      },
      portDown({ number }) {
        for (const [station, port] of portOf) if (port === number) forget(station);
      },
      flowRemoved(_table, key) {
        pairs.delete(key);
      },
    };

    /** A station that moved or went: its flows lead to the wrong port. */
    function forget(station: number): void {
      portOf.delete(station);
      for (const pair of pairs) {
        if (!pair.split('/').slice(1).includes(String(station))) continue;
        l2.delete(pair);
        pairs.delete(pair);
      }
    }
  },
});
