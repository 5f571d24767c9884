/** An app with as many flows as FLOWLOOM_BENCH_FLOWS says, ten for each intent. */

import { defineApp, output } from 'flowloom';

const count = Number(process.env.FLOWLOOM_BENCH_FLOWS ?? 1000);

export default defineApp({
  name: 'many-flows',
  tables: { many: { stage: 'admit' } },
  attach({ dp }) {
    const { many } = dp.flows;
    for (let i = 0; i < count; i++) {
      many.set(String(i), {
        priority: 100,
        match: { ethType: 0x0800, ipv4Dst: `10.${i >> 16}.${(i >> 8) & 0xff}.${i & 0xff}` },
        actions: [output(1 + (i & 3))],
        intent: `hosts of row ${Math.floor(i / 10)}`,
      });
    }
  },
});
