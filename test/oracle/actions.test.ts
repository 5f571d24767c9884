// Every action against Open vSwitch: its bytes are our value and ours its text, whoever of us encodes it.
import { beforeAll, describe, expect, test } from 'vitest';
import { type Action, action } from '../../proto/openflow/action.ts';
import { decodeMessage, encodeMessage, type MessageOf } from '../../proto/openflow/message.ts';
import type { ActionCase } from './action-case.ts';
import { DEBUGGING, SENT_ACTIONS, TAKEN_ACTIONS } from './action-cases.ts';
import { captureFlowMods } from './capture-flow-mods.ts';
import { ofpParse } from './ofctl.ts';

type FlowMod = MessageOf<'flowMod'>;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const textOf = ({ text, printed }: ActionCase) => printed ?? text;

let sent: Uint8Array[] = [];
/** A flow of each case's match that has no actions yet: where ours go. */
let bare: FlowMod[] = [];

beforeAll(async () => {
  const all = [...SENT_ACTIONS, ...TAKEN_ACTIONS];
  sent = await captureFlowMods(SENT_ACTIONS.map(({ flow, text }) => `${flow} actions=${text}`));
  bare = (await captureFlowMods(all.map(({ flow }) => `${flow} actions=drop`))).map(
    (bytes) => decodeMessage(bytes) as FlowMod,
  );
});

function withActions(i: number, { actions }: ActionCase): FlowMod {
  return { ...bare[i]!, instructions: [{ type: 'applyActions', actions }] };
}

/** What Open vSwitch prints behind `actions=`. */
async function printed(messages: readonly FlowMod[]): Promise<string[]> {
  const texts = await ofpParse(messages.map((message) => Uint8Array.from(encodeMessage(message))));
  return texts.map((text) => /actions=(.*)/.exec(text)?.[1] ?? text);
}

describe('every action that Open vSwitch sends', () => {
  test('is the value that it stands for', () => {
    const found = sent.map((bytes) => (decodeMessage(bytes) as FlowMod).instructions);
    for (const [i, { actions, text }] of SENT_ACTIONS.entries()) {
      expect(found[i], text).toEqual([{ type: 'applyActions', actions }]);
    }
  });

  test('is encoded by us to the same bytes', () => {
    for (const [i, kase] of SENT_ACTIONS.entries()) {
      const theirs = sent[i]!;
      const { xid } = decodeMessage(theirs);
      expect(hex(encodeMessage({ ...withActions(i, kase), xid })), kase.text).toBe(hex(theirs));
    }
  });

  test('is its own text again when we send it', async () => {
    expect(await printed(SENT_ACTIONS.map((kase, i) => withActions(i, kase)))).toEqual(SENT_ACTIONS.map(textOf));
  });
});

test('every action that Open vSwitch takes but never sends has the text that it should', async () => {
  const ours = TAKEN_ACTIONS.map((kase, i) => withActions(SENT_ACTIONS.length + i, kase));
  expect(await printed(ours)).toEqual(TAKEN_ACTIONS.map(textOf));
});

/** Open vSwitch 3.1 has none of these (OFPBAC_BAD_TYPE); the last is whatever we don't know ourselves. */
const NOT_IN_OVS = ['copyTtlOut', 'copyTtlIn', 'pushPbb', 'popPbb', 'experimenter'];

describe('Open vSwitch refuses, and we keep as it came,', () => {
  const REFUSED: [what: string, bytes: string][] = [
    ['set_queue of Nicira', '0004 0000 00000007'],
    ['dec_ttl of Nicira', '0012 000000000000'],
    ['push_mpls of Nicira', '0017 8847 00000000'],
    ['pop_mpls of Nicira', '0018 0800 00000000'],
    ['set_mpls_ttl of Nicira', '0019 03 0000000000'],
    ['dec_mpls_ttl of Nicira', '001a 000000000000'],
    ['set_mpls_label of Nicira', '001e 0000 00000005'],
    ['set_mpls_tc of Nicira', '001f 03 0000000000'],
    ['group of Nicira', '0028 0000 00000005'],
  ];

  test.each(REFUSED)('%s', async (_, bytes) => {
    const body = Uint8Array.from(Buffer.from(bytes.replaceAll(' ', ''), 'hex'));
    const actions: Action[] = [{ type: 'experimenter', experimenter: 0x2320, body }];
    const message: FlowMod = { ...bare[0]!, instructions: [{ type: 'applyActions', actions }] };
    expect(decodeMessage(encodeMessage(message))).toEqual(message);
    expect((await ofpParse([Uint8Array.from(encodeMessage(message))]))[0]).toContain('OFPBAC_BAD_VENDOR_TYPE');
  });

  test('a set_field with a mask', async () => {
    const body = Uint8Array.from(Buffer.from('80001708c0000200ffffff00', 'hex'));
    const message: FlowMod = {
      ...bare[0]!,
      instructions: [{ type: 'applyActions', actions: [{ type: 'unknown', code: 25, body }] }],
    };
    expect(decodeMessage(encodeMessage(message))).toEqual(message);
    expect((await ofpParse([Uint8Array.from(encodeMessage(message))]))[0]).toContain('***decode error');
  });
});

test('those for tests of Open vSwitch alone are the bytes that ovs-ofctl gives of them', async () => {
  const [theirs] = await captureFlowMods([`${DEBUGGING.flow} actions=${DEBUGGING.text}`]);
  const message = decodeMessage(theirs!) as FlowMod;
  expect(message.instructions).toEqual([{ type: 'applyActions', actions: DEBUGGING.actions }]);
  expect(hex(encodeMessage(message))).toBe(hex(theirs!));
});

test('no action of ours is left out', () => {
  const { form } = action;
  if (form?.kind !== 'tagged') throw new Error('actions are no tagged union');
  const ours = [form.variants, ...form.extensions.map(({ variants }) => variants)].flatMap(Object.keys);
  const shown = new Set<string>();
  JSON.stringify([...SENT_ACTIONS, ...TAKEN_ACTIONS, DEBUGGING], (name, value: unknown) => {
    if (name === 'type') shown.add(value as string);
    return typeof value === 'bigint' ? value.toString() : value;
  });
  expect(ours.filter((name) => !shown.has(name)).sort()).toEqual([...NOT_IN_OVS].sort());
});
