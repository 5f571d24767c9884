// What Open vSwitch encodes of flows, groups and meters in its own text: our codec knows every part and writes it again.
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage } from '../../proto/openflow/message.ts';
import { messageJson } from '../../src/cli/message-json.ts';
import { captureFlowMods, captureGroupMods, captureMeterMods } from './capture-flow-mods.ts';
import { goldenText } from './golden-flows.ts';
import { ofpParse } from './ofctl.ts';
import { strangeParts } from './strange-parts.ts';

const { flows, groups, meters } = goldenText();
const lines = [...flows, ...groups, ...meters];
let theirs: Uint8Array[] = [];

beforeAll(async () => {
  theirs = [
    ...(await captureFlowMods(flows)),
    ...(await captureGroupMods(groups)),
    ...(await captureMeterMods(meters)),
  ];
});

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const again = (bytes: Uint8Array) => encodeMessage(decodeMessage(bytes));

/** The lines whose bytes fail the check, with what the check says. */
function failing(check: (bytes: Uint8Array) => string | undefined): string[] {
  return theirs.flatMap((bytes, i) => {
    let fault: string | undefined;
    try {
      fault = check(bytes);
    } catch (error) {
      fault = `${String(error)} in ${hex(bytes)}`;
    }
    return fault === undefined ? [] : [`${lines[i]}: ${fault}`];
  });
}

describe("Open vSwitch's bytes of every flow, group and meter", () => {
  test('are those of what a controller uses, and of every kind of group', () => {
    expect(flows.length).toBeGreaterThan(300);
    expect(groups.length).toBeGreaterThan(15);
    expect(meters.length).toBeGreaterThan(5);
    expect(theirs.length).toBe(lines.length);
  });

  test('decode without a part that the codec does not know', () => {
    expect(failing((bytes) => strangeParts(decodeMessage(bytes)).join(', ') || undefined)).toEqual([]);
  });

  test('are encoded again to the same bytes', () => {
    expect(failing((bytes) => (hex(again(bytes)) === hex(bytes) ? undefined : hex(again(bytes))))).toEqual([]);
  });

  test('pass through JSON without a loss', () => {
    const throughJson = (bytes: Uint8Array) => encodeMessage(JSON.parse(messageJson(decodeMessage(bytes))));
    expect(failing((bytes) => (hex(throughJson(bytes)) === hex(bytes) ? undefined : hex(throughJson(bytes))))).toEqual(
      [],
    );
  });

  test('mean the same to Open vSwitch after we encoded them', async () => {
    const [printed, printedAgain] = await Promise.all([ofpParse(theirs), ofpParse(theirs.map(again))]);
    expect(printedAgain).toEqual(printed);
    expect(printed.filter((text) => !/^OFPT_(FLOW|GROUP|METER)_MOD/.test(text) || text.includes('***'))).toEqual([]);
  });

  test('are the same in a bundle', async () => {
    const bundled = await captureFlowMods(flows, { bundle: true });
    // Each message has a transaction of its own, at its fifth byte.
    const body = (bytes: Uint8Array) => hex(bytes.subarray(8));
    expect(bundled.map(body)).toEqual(theirs.slice(0, flows.length).map(body));
  });
});
