/** The plainest switch there is: learns in the controller which station is at which port, and sets flows for it. */

import { defineApp, drop, output, punt, z } from '../../src/index.ts';

export default defineApp({
  name: 'learning-switch',
  config: z.strictObject({
    /** Seconds without traffic after which a station is learned anew. */
    idleTimeout: z.int().min(1).max(65535).default(300),
  }),
  tables: { l2: { stage: 'switching' } },
  counters: { learned: 'Stations learned or moved' },
  attach({ dp, config, counters }) {
    const portOf = new Map<string, number>();
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
      packetIn({ data, inPort }) {
        if (data.length < 14) return;
        const destination = macAt(data, 0);
        const source = macAt(data, 6);
        if (!isGroup(data[6]!) && portOf.get(source) !== inPort) {
          forget(source);
          portOf.set(source, inPort);
          counters.learned.add();
        }
        const outPort = isGroup(data[0]!) ? undefined : portOf.get(destination);
        if (outPort !== undefined && outPort !== inPort) {
          l2.set(`${inPort}/${source}/${destination}`, {
            priority: 10,
            match: { inPort, ethSrc: source, ethDst: destination },
            actions: [output(outPort)],
            idleTimeout: config.idleTimeout,
            intent: 'stations that talk to each other',
          });
          pairs.add(`${inPort}/${source}/${destination}`);
        }
        dp.packetOut({ data, inPort, actions: [output(outPort ?? 'flood')] });
      },
      portDown({ number }) {
        for (const [station, port] of portOf) if (port === number) forget(station);
      },
      flowRemoved(_table, key) {
        pairs.delete(key);
      },
    };

    /** A station that moved or went: its flows lead to the wrong port. */
    function forget(station: string): void {
      portOf.delete(station);
      for (const pair of pairs) {
        if (!pair.includes(station)) continue;
        l2.delete(pair);
        pairs.delete(pair);
      }
    }
  },
});

function isGroup(firstByte: number): boolean {
  return (firstByte & 1) === 1;
}

function macAt(data: Uint8Array, at: number): string {
  let text = '';
  for (let i = at; i < at + 6; i++) text += `${i === at ? '' : ':'}${data[i]!.toString(16).padStart(2, '0')}`;
  return text;
}
