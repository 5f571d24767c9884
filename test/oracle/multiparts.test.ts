// Every multipart against Open vSwitch's reading of it, value by value, and against os-ken's own bytes and reading.
import { describe, expect, test } from 'vitest';
import { action } from '../../proto/openflow/action.ts';
import { instruction } from '../../proto/openflow/instruction.ts';
import { decodeMessage, encodeMessage, type Message } from '../../proto/openflow/message.ts';
import { PARTS } from '../../proto/openflow/multipart.ts';
import { NICIRA_PARTS } from '../../proto/openflow/nicira/multipart.ts';
import { actionId, instructionId } from '../../proto/openflow/table-feature-ids.ts';
import type { AnyCodec } from '../../proto/wire/codec.ts';
import { MULTIPARTS } from './multipart-messages.ts';
import { OS_KEN } from './multipart-os-ken.ts';
import { PRINTED } from './multipart-printed.ts';
import { inParallel, ofpPrint } from './ofctl.ts';
import { osKenMessages } from './os-ken.ts';

const XID = 0x2a;
const messageOf = (name: string) => ({ ...MULTIPARTS[name], xid: XID }) as Message;
const bytesOf = (name: string) => Uint8Array.from(encodeMessage(messageOf(name)));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const names = Object.keys(MULTIPARTS);

describe('every multipart', () => {
  test('is here as request and as reply', () => {
    const kinds = [...Object.keys(PARTS), ...Object.keys(NICIRA_PARTS)];
    const here = new Set(names.map((name) => name.split(' ', 2).join(' ')));
    expect(kinds.flatMap((kind) => [`request ${kind}`, `reply ${kind}`]).filter((name) => !here.has(name))).toEqual([]);
  });

  test('decodes to what was encoded', () => {
    for (const name of names) expect(decodeMessage(bytesOf(name)), name).toEqual(messageOf(name));
  });

  test('says to Open vSwitch what it says to us, but for what Open vSwitch has not', async () => {
    const printed = await inParallel(names, (name) => ofpPrint(bytesOf(name)));
    const shown = names.map((name, i) => [name, printed[i]!.replace(' (OF1.4) (xid=0x2a)', '').trimEnd()] as const);
    expect(Object.fromEntries(shown.filter(([name]) => PRINTED[name] !== undefined))).toEqual(PRINTED);
    // No experimenter but its own, and no flag NO_ABBREV.
    expect(
      shown.filter(([name]) => PRINTED[name] === undefined).map(([name, text]) => [name, text.split('\n')[0]]),
    ).toEqual([
      ['request flowMonitor one', 'OFPST_FLOW_MONITOR request: ***decode error: OFPMOFC_BAD_FLAGS***'],
      ['request experimenter', '***decode error: OFPBRC_BAD_VENDOR***'],
      ['reply experimenter', '***decode error: OFPBRC_BAD_VENDOR***'],
    ]);
  });

  test('is what os-ken writes and reads', async () => {
    const known = Object.keys(OS_KEN);
    const compared = await osKenMessages(
      known.map((name) => ({ build: { ...OS_KEN[name]!, xid: XID }, bytes: bytesOf(name) })),
    );
    const wrong = known.flatMap((name, i) => {
      const { written, differences } = compared[i]!;
      const bytes = hex(bytesOf(name));
      return [
        ...(written !== null && written !== bytes ? [`${name}: os-ken ${written}, ours ${bytes}`] : []),
        ...(differences ?? []).map((difference) => `${name}${difference}`),
      ];
    });
    expect(wrong).toEqual([]);
  });
});

describe('ids in table features', () => {
  const codes = (codec: AnyCodec) =>
    codec.form?.kind === 'tagged'
      ? Object.fromEntries(Object.entries(codec.form.variants).map(([name, [code]]) => [name, code]))
      : undefined;

  test('are those of the instructions and the actions themselves', () => {
    expect(codes(instructionId)).toEqual(codes(instruction));
    expect(codes(action)).toMatchObject(codes(actionId)!);
  });
});
