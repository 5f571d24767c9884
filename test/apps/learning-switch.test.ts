/** The learning switch without a wire: what it forgets when frames take other ways, and by how many messages. */

import { expect, onTestFinished, test } from 'vitest';
import learningSwitch from '../../apps/learning-switch/index.ts';
import { defineApp } from '../../src/index.ts';
import { request, startNetwork } from '../app/network.ts';

/** From station `number` to one that nobody knows. */
function frameOf(number: number): Uint8Array {
  const frame = Buffer.alloc(60);
  frame.writeUIntBE(0x02_ff_00_00_00_00, 0, 6);
  frame.writeUIntBE(0x02_00_00_00_00_00 + number, 6, 6);
  return frame;
}

test('another topology: every station is forgotten, by a message for each port and not for each station', async () => {
  let changed: () => void = () => undefined;
  const telling = defineApp({
    name: 'telling',
    setup({ emit }) {
      changed = () => emit('topologyChanged');
      return {};
    },
  });
  const network = startNetwork([request(learningSwitch), request(telling)], [1]);
  onTestFinished(network.close);
  const { host } = network;
  const learned = () => host.apps.get('learning-switch')!.counters.learned!.value;
  for (let station = 1; station <= 500; station++) network.packetIn(1, 'learning-switch', frameOf(station));
  expect(learned()).toBe(500);
  network.packetIn(1, 'learning-switch', frameOf(1));
  expect(learned()).toBe(500);
  const before = host.sent.flowMods;
  changed();
  await network.told();
  expect(host.sent.flowMods - before).toBe(1);
  for (let station = 1; station <= 500; station++) network.packetIn(1, 'learning-switch', frameOf(station));
  expect(learned()).toBe(1000);
});
