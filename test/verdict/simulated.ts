/** The simulated switch (src/sim) as a switch under test. */

import { hexText } from '../../proto/wire/address.ts';
import type { PortOptions } from '../../src/sim/ports.ts';
import { createSimulatedSwitch } from '../../src/sim/simulated-switch.ts';
import { createSwitchUnderTest, DATAPATH_ID, PORTS, type SwitchUnderTest } from './switch-under-test.ts';

/** Time stands still in it, as it does in the real one. */
const NOON = 43_200_000;

/** `vlanLimit`: as of the real one; `vlans`: of its ports, by number. */
export async function createSimulatedUnderTest(
  vlanLimit = 1,
  vlans: Readonly<Record<number, PortOptions['vlan']>> = {},
): Promise<SwitchUnderTest> {
  let frames: Record<number, string[]> = {};
  let simulated: ReturnType<typeof make>;

  function make() {
    const made = createSimulatedSwitch({
      dpid: DATAPATH_ID,
      vlanLimit,
      ports: PORTS.map((portNo) => ({ portNo, name: `p${portNo}`, vlan: vlans[portNo] ?? {} })),
      clock: { now: () => NOON },
      transmit(port, frame) {
        const left = frames[port] ?? [];
        frames[port] = left;
        left.push(hexText(frame));
      },
    });
    const connection = made.connect({ write: (bytes) => wired.take(Uint8Array.from(bytes)) });
    return { made, connection };
  }

  const wired = createSwitchUnderTest({
    write: (bytes) => simulated.connection.receive(bytes),
    inject: async (port, frame) => simulated.made.receive(port, frame),
    left() {
      const left = frames;
      frames = {};
      return left;
    },
    async clear() {
      simulated.connection.close();
      simulated = make();
      await wired.greet();
    },
    settle: async () => undefined,
  });
  simulated = make();
  await wired.greet();
  return wired;
}
