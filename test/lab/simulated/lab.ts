// Connection tracking and NAT: what really leaves a real Open vSwitch's ports is what leaves the simulated switch.
import { u16 } from '../../../src/packet/bytes.ts';
import { compareCase, noCounts } from '../../verdict/compare.ts';
import { describeDeviation } from '../../verdict/describe-case.ts';
import type { RealSwitch } from '../../verdict/real-switch.ts';
import { createSimulatedUnderTest } from '../../verdict/simulated.ts';
import { makeCase, type VerdictCase } from '../../verdict/verdict-case.ts';
import { check, expect } from '../support/check.ts';
import type { Lab, LabDefinition } from '../support/lab.ts';
import { startRealBridge } from './real-bridge.ts';

const SEED = 6;
const CASES = 150;
/** The kernel sends no frame that has not even an Ethernet header. */
const SHORTEST = 14;

export const lab: LabDefinition = {
  title: 'the simulated switch beside a real one: conntrack and NAT over cables',
  alone: true,
  async run(lab: Lab) {
    const bridge = await startRealBridge(lab);
    const simulated = await createSimulatedUnderTest();
    const no = () => Promise.reject(new Error('nothing is traced here'));
    const real: RealSwitch = {
      ...bridge,
      trace: no,
      appctl: no,
      vsctl: no,
      alive: true,
      stop: async () => bridge.close(),
    };
    const counts = noCounts();
    const cases = conntrackCases();
    await check(lab, `${CASES} random pipelines with ct and NAT: every frame that leaves is the same`, async () => {
      for (const [number, vcase] of cases) {
        const found = await compareCase(real, vcase, { other: simulated, traced: false, counts });
        expect(found === undefined, `case ${number} of seed ${SEED}`, () => describeDeviation(vcase, found!));
      }
    });
    await check(lab, 'most of the packets left by some port', async () => {
      const { packets, passed } = counts;
      expect(passed > packets / 2 && packets > CASES, `${passed} of ${packets}`);
    });
    bridge.close();
  },
};

function conntrackCases(): [number, VerdictCase][] {
  const found: [number, VerdictCase][] = [];
  for (let number = 0; found.length < CASES; number++) {
    const made = makeCase(SEED, number);
    // When a packet-out has left by every cable nobody can tell.
    const vcase = { ...made, steps: made.steps.filter(({ type }) => type !== 'packetOut') };
    const passes = vcase.steps.every((step) => step.type !== 'frame' || passesCable(step.frame));
    if (vcase.about === 'connections' && passes) found.push([number, vcase]);
  }
  return found;
}

/** What the kernel's sockets bring to Open vSwitch as it was: a tag with its drop eligible indicator they do not. */
function passesCable(frame: Uint8Array): boolean {
  if (frame.length < SHORTEST) return false;
  const isTagged = u16(frame, 12) === 0x8100 || u16(frame, 12) === 0x88a8;
  return !isTagged || (frame.length > SHORTEST && (frame[SHORTEST]! & 0x10) === 0);
}
