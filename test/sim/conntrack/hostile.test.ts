/** Whatever bytes come: conntrack throws nothing, tells a state and changes no length. */

import { expect, test } from 'vitest';
import { putU16 } from '../../../src/packet/bytes.ts';
import { createRandom } from '../../fuzz/random.ts';
import { ETHERNET, errorFrame, fragmentsOf, icmpFrame, SYN, tcpFrame, udpFrame } from './frames.ts';
import { createRig } from './rig.ts';

const four = { src: '10.0.0.1', dst: '10.0.0.2', srcPort: 1000, dstPort: 2000 };
const six = { src: 'fd00::1', dst: 'fd00::2', srcPort: 1000, dstPort: 2000 };

const SEEDS: readonly Uint8Array[] = [four, six].flatMap((ends) => [
  udpFrame(ends),
  tcpFrame({ ...ends, sequence: 1, flags: SYN, scale: 7 }),
  icmpFrame({ ...ends, type: ends === four ? 8 : 128, identifier: 3 }),
  errorFrame(ends.dst, ends.src, udpFrame(ends)),
  ...fragmentsOf(udpFrame({ ...ends, payload: new Uint8Array(1400) }), 5, 1240),
]);

test('mutated and random frames never throw', () => {
  const { below, pick, bytes } = createRandom(11);
  const rig = createRig();
  const requests = [
    {},
    { commit: true },
    { nat: {} },
    { commit: true, force: true },
    { commit: true, nat: {} },
    { commit: true, nat: { src: true, addressMin: [0x0a090909], addressMax: [0x0a0909ff] } },
    { commit: true, nat: { dst: true, addressMin: [0xfd000000, 0, 0, 0xfffffffe], addressMax: [0xfd000001, 0, 0, 3] } },
  ];
  let connections = 0;
  for (let i = 0; i < 30_000; i++) {
    let frame = below(4) === 0 ? bytes(below(120)) : pick(SEEDS).slice();
    for (let n = below(4); n > 0 && frame.length > 0; n--) frame[below(frame.length)] = below(256);
    if (below(5) === 0) frame = frame.slice(0, below(frame.length + 1));
    if (frame.length >= ETHERNET && below(2) === 0) putU16(frame, 12, pick([0x0800, 0x86dd]));
    rig.now += below(100);
    const before = rig.conntrack.heldFragments(rig.now);
    const through = rig.track(frame, pick(requests));
    connections = Math.max(connections, rig.conntrack.entries(rig.now).length);
    for (const packet of through) expect(packet.ct).toBeDefined();
    // Whatever was not held goes on.
    const held = rig.conntrack.heldFragments(rig.now);
    if (held === 0) expect(through.length).toBeGreaterThan(0);
    if (before === 0 && held === 0) expect(through[0]?.frame).toHaveLength(frame.length);
  }
  // Some of them were sound.
  expect(connections).toBeGreaterThan(10);
});
