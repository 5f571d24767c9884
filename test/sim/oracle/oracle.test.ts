/**
 * The simulated switch answers controllers as a real Open vSwitch 3.1 does: each case to both of them, every reply
 * compared.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACTION_CASES } from './action-cases.ts';
import { type Case, turnsOf } from './cases.ts';
import { MATCH_CASES } from './match-cases.ts';
import { MESSAGE_CASES } from './message-cases.ts';
import { askFlows, CLEARING } from './messages.ts';
import { MODIFICATION_CASES } from './modification-cases.ts';
import { lineOf, type Sent } from './peer.ts';
import { type Side, startReal, startSimulated } from './sides.ts';

const LINKS = 2;
const FLOW_REMOVED = 11;
let sides: Side[] = [];

beforeAll(async () => {
  sides = [await startReal(LINKS), startSimulated(LINKS)];
}, 60_000);

afterAll(async () => {
  for (const side of sides) await side.stop();
});

/** What came of the case, by controller: all that stood at the end with it. */
async function outcome(side: Side, each: Case): Promise<string[]> {
  const lines: string[] = [];
  const turn = async (peer: number, messages: readonly Sent[]) => {
    for (const bytes of await side.peers[peer]!.turn(messages)) {
      // Open vSwitch tells it a little later; those have tests of their own.
      if (bytes[1] !== FLOW_REMOVED) lines.push(`${peer}: ${lineOf(bytes)}`);
    }
    if (side.peers[peer]!.isClosed()) lines.push(`${peer}: closed`);
  };
  for (const [peer, ...messages] of turnsOf(each)) {
    await turn(peer, messages);
    for (let other = 0; other < LINKS; other++) if (other !== peer) await turn(other, []);
  }
  await side.renew();
  await turn(0, [askFlows()]);
  await side.peers[0]!.turn(CLEARING);
  return lines;
}

const ALL: readonly Case[] = [...MESSAGE_CASES, ...MATCH_CASES, ...ACTION_CASES, ...MODIFICATION_CASES];

test.for(ALL.map((each) => [each[0], each] as const))('%s', async ([, each]) => {
  const [real, simulated] = sides;
  expect(await outcome(simulated!, each)).toEqual(await outcome(real!, each));
});

test('there are as many cases as it takes', () => {
  expect(ALL.length).toBeGreaterThan(150);
});
