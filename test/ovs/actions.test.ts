// Every action live: a real ovs-vswitchd takes it as we encode it, and its dump of the flow is the same value again.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Action } from '../../proto/openflow/action.ts';
import type { Instruction } from '../../proto/openflow/instruction.ts';
import { decodeMessage, encodeMessage, type MessageOf } from '../../proto/openflow/message.ts';
import type { ActionCase } from '../oracle/action-case.ts';
import { DEBUGGING, SENT_ACTIONS, TAKEN_ACTIONS } from '../oracle/action-cases.ts';
import { captureFlowMods } from '../oracle/capture-flow-mods.ts';
import { type LiveSwitch, startLiveSwitch } from './live-switch.ts';
import { openRawChannel, type RawChannel, xidOf } from './raw-channel.ts';

type FlowMod = MessageOf<'flowMod'>;

/** Bytes of the tunnel options that the cases name: the switch must know of them. */
const OPTIONS: Readonly<Record<string, number>> = { tunMetadata7: 4, tunMetadata8: 8, tunMetadata9: 4 };
const CASES: readonly ActionCase[] = [...SENT_ACTIONS, ...TAKEN_ACTIONS, DEBUGGING];

let live: LiveSwitch;
let channel: RawChannel;
/** A flow of each case's match that has no actions yet. */
let bare: FlowMod[] = [];

beforeAll(async () => {
  live = await startLiveSwitch();
  channel = await openRawChannel(live.socket);
  bare = (await captureFlowMods(CASES.map(({ flow }) => `${flow} actions=drop`))).map(
    (bytes) => decodeMessage(bytes) as FlowMod,
  );
  const maps = Object.entries(OPTIONS).map(
    ([field, length], i) => `{class=0xffff,type=${i},len=${length}}->${field.replace('tunM', 'tun_m')}`,
  );
  await live.ofctl('add-tlv-map', maps.join(','));
  await live.ofctl('add-group', 'group_id=11,type=all,bucket=output:1');
});
afterAll(async () => {
  channel.close();
  await live.stop();
});

/** What the switch says of a flow alone in it; throws where it refuses the flow. */
async function dumpOf(flow: FlowMod): Promise<readonly Instruction[]> {
  channel.send({ ...flow, command: 'delete', tableId: 'all', match: {}, instructions: [] });
  const xid = channel.send(flow);
  const barrier = channel.send({ type: 'barrierRequest' });
  const answer = decodeMessage(await channel.next((bytes) => xidOf(bytes) === xid || xidOf(bytes) === barrier));
  if (answer.type === 'error') throw new Error(`Open vSwitch refuses: ${JSON.stringify({ ...answer, data: 0 })}`);
  const [bytes] = await channel.ask({
    type: 'multipartRequest',
    flags: [],
    kind: 'flow',
    request: { tableId: 'all', outPort: 'any', outGroup: 'any', cookie: 0n, cookieMask: 0n, match: {} },
  });
  const message = decodeMessage(bytes!);
  expect(encodeMessage(message)).toEqual(bytes);
  if (message.type !== 'multipartReply' || message.kind !== 'flow') throw new Error(`a dump is no ${message.type}`);
  expect(message.reply.length).toBe(1);
  return message.reply[0]!.instructions;
}

const applied = (...actions: Action[]): Instruction[] => [{ type: 'applyActions', actions }];

test('every action comes back as the value that was sent', async () => {
  for (const [i, { text, actions, dumped }] of CASES.entries()) {
    const found = await dumpOf({ ...bare[i]!, instructions: applied(...actions) }).catch(String);
    // Its own width, which the switch's TLV table has, stands where a field is named without a value.
    const expected = (dumped ?? applied(...actions)).map((each) =>
      each.type === 'applyActions' ? { ...each, actions: each.actions.map(withOwnWidth) } : each,
    );
    expect(found, text).toEqual(expected);
  }
});

function withOwnWidth(action: Action): Action {
  return action.type === 'deleteField' ? { ...action, width: OPTIONS[action.field]! } : action;
}

describe('a tunnel option in an action', () => {
  const option = { field: 'tunMetadata9', offset: 3, bits: 16 } as const;
  const own = { ...option, width: 4 };
  const ACTIONS: [given: Action, dumped: Action][] = [
    [
      { type: 'stackPush', from: option },
      { type: 'stackPush', from: own },
    ],
    [
      { type: 'regMove', from: option, to: { field: 'reg1', offset: 5, bits: 16 } },
      { type: 'regMove', from: own, to: { field: 'reg1', offset: 5, bits: 16 } },
    ],
    [
      { type: 'outputReg', from: option, maxLen: 77 },
      { type: 'outputReg', from: own, maxLen: 77 },
    ],
    [
      { type: 'checkPktLarger', pktLen: 1400, to: { ...option, bits: 1 } },
      { type: 'checkPktLarger', pktLen: 1400, to: { ...own, bits: 1 } },
    ],
  ];

  test.each(ACTIONS)('comes back with the width of the TLV table: $type', async (given, dumped) => {
    for (const action of [given, dumped]) {
      expect(await dumpOf({ ...bare[0]!, instructions: applied(action) })).toEqual(applied(dumped));
    }
  });
});
