/**
 * An app that does what none should, as FLOWLOOM_BENCH_BROKEN says, at each packet-in: `throws`, `floods` (packets, and flows
 * with a timeout), `declares` (flows without) or `waits`.
 */

import { defineApp, output, punt } from 'flowloom';

/** For local experiments: the load generator's noise. */
const ETHER_TYPE = 0x88b5;
const AT_ONCE = 50;
const how = process.env.FLOWLOOM_BENCH_BROKEN ?? 'throws';

export default defineApp({
  name: 'broken',
  tables: { broken: { stage: 'admit' } },
  attach({ dp }) {
    const { broken } = dp.flows;
    let flows = 0;
    broken.set('mine', { priority: 1, match: { ethType: ETHER_TYPE }, actions: [punt()], intent: 'trouble' });

    function flood(data: Uint8Array, inPort: number): void {
      for (let i = 0; i < AT_ONCE; i++) {
        const number = flows++ & 0xffff;
        broken.set(`flood ${number}`, {
          priority: 2,
          match: { ethType: ETHER_TYPE, ethDst: `06:00:00:00:${hex(number >> 8)}:${hex(number & 0xff)}` },
          actions: [output(1)],
          ...(how === 'floods' ? { idleTimeout: 60 } : {}),
          intent: 'a flood of flows',
        });
        if (how === 'floods') dp.packetOut({ data, inPort, actions: [output('flood')] });
      }
    }

    return {
      packetIn({ data, inPort }) {
        if (how === 'throws') throw new Error('this app is broken');
        if (how === 'floods' || how === 'declares') flood(data, inPort);
        // Who waits for it waits for ever.
        if (how === 'waits') return new Promise<void>(() => undefined) as unknown as undefined;
        return undefined;
      },
    };
  },
});

const hex = (byte: number) => byte.toString(16).padStart(2, '0');
