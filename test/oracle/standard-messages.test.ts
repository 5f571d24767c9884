// Messages of the standard as others read and write them: os-ken writes the same bytes, Open vSwitch prints the same values.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { error } from '../../proto/openflow/error.ts';
import { NICIRA } from '../../proto/openflow/experimenter.ts';
import { decodeMessage, encodeMessage, MESSAGES, type Message } from '../../proto/openflow/message.ts';
import { NICIRA_ERRORS } from '../../proto/openflow/nicira/error.ts';
import { ofpParse } from './ofctl.ts';
import { type Build, osKenMessages } from './os-ken.ts';
import { XID } from './standard/case.ts';
import { STANDARD_MESSAGES } from './standard-messages.ts';

const bytesOf = (message: Message) => Uint8Array.from(encodeMessage(message));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const cases = STANDARD_MESSAGES.map(({ name, message, build }) => ({ name, message, build, bytes: bytesOf(message) }));

/** What Open vSwitch says of each, read and found to have every value of the message: `## name`, then the text. */
function golden(): [name: string, text: string][] {
  const text = readFileSync(new URL('../golden/standard-messages.txt', import.meta.url), 'utf8');
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section.slice(section.indexOf('\n') + 1).trim()]);
}

/** A message that Open vSwitch refuses is followed by its bytes. */
function textOf(printed: string): string {
  return printed.replace(/(\*\*\*decode error: .*)\n[\s\S]*/, '$1').trim();
}

describe('messages of the standard', () => {
  test('are of every type', () => {
    const types = new Set<string>(STANDARD_MESSAGES.map(({ message }) => message.type));
    const missing = Object.keys(MESSAGES).filter((type) => !types.has(type) && !type.startsWith('multipart'));
    expect(missing).toEqual([]);
  });

  test('decode to what was encoded', () => {
    for (const { message, bytes } of cases) expect(decodeMessage(bytes)).toEqual(message);
  });

  test('are to os-ken what they are to us', async () => {
    const known = cases.filter((each): each is typeof each & { build: Build } => each.build !== undefined);
    const compared = await osKenMessages(known);
    const results = known.map(({ name, bytes }, i) => ({ name, bytes: hex(bytes), ...compared[i]! }));
    for (const { name, bytes, written, differences } of results) {
      expect(written ?? bytes, name).toBe(bytes);
      expect(differences ?? [], name).toEqual([]);
    }
    // A controller only reads what a switch alone sends, and only writes what it alone sends.
    expect(results.filter(({ written, differences }) => written === null && differences === null)).toEqual([]);
    expect(results.filter(({ written }) => written === null).map(({ name }) => name)).toEqual([
      'featuresReply',
      'getConfigReply',
      'packetIn',
      'flowRemoved',
      'portStatus',
      'roleStatus',
      'roleStatusOfAnExperimenter',
      'tableStatus',
      'roleReply',
      'getAsyncReply',
    ]);
  });

  test('are printed by Open vSwitch with the same values', async () => {
    const printed = await ofpParse(cases.map(({ bytes }) => bytes));
    expect(cases.map(({ name }, i) => [name, textOf(printed[i]!)])).toEqual(golden());
  });
});

/** What Open vSwitch calls otherwise than the standard. */
const OVS_NAMES: Readonly<Record<string, string>> = {
  'badRequest/badMultipart': 'BAD_STAT',
  'badRequest/badExperimenter': 'BAD_VENDOR',
  'badRequest/badExpType': 'BAD_SUBTYPE',
  'badRequest/isSlave': 'IS_SECONDARY',
  'badAction/badExperimenter': 'BAD_VENDOR',
  'badAction/badExpType': 'BAD_VENDOR_TYPE',
};

describe('errors', () => {
  test('have the names that Open vSwitch has', async () => {
    if (error.form?.kind !== 'choice') throw new Error('errors are no choice of types any more');
    const named: { name: string; message: Message }[] = [];
    for (const [errorType, [, codec]] of Object.entries(error.form.variants)) {
      const fields = codec.form?.kind === 'struct' ? codec.form.fields : [];
      const code = fields.find(({ name }) => name === 'code')?.codec.form;
      if (code?.kind !== 'enumeration') continue;
      for (const name of Object.keys(code.codes)) {
        const message = { type: 'error', errorType, code: name, data: new Uint8Array(0), xid: XID } as Message;
        named.push({ name: `${errorType}/${name}`, message });
      }
    }
    const printed = await ofpParse(named.map(({ message }) => bytesOf(message)));
    const spelled = (name: string) => name.replace(/.*\//, '').replace(/[A-Z]/g, '_$&').toUpperCase();
    const ours = named.map(({ name }) => [name, OVS_NAMES[name] ?? spelled(name)]);
    const theirs = named.map(({ name }, i) => [name, /\): OFP[A-Z]+_(\w+)/.exec(printed[i]!)?.[1]]);
    expect(theirs).toEqual(ours);
  });

  test("of Open vSwitch's own have its names", async () => {
    const types = Array.from({ length: 1000 }, (_, type) => type);
    const messages = types.map((experimenterType): Message => {
      const data = new Uint8Array(0);
      return { type: 'error', errorType: 'experimenter', experimenterType, experimenter: NICIRA, data, xid: XID };
    });
    const printed = await ofpParse(messages.map(bytesOf));
    const named = types.flatMap((type) => {
      const name = /\): (\w+)\n/.exec(printed[type]!)?.[1];
      return name === undefined ? [] : [[String(type), name]];
    });
    expect(Object.fromEntries(named)).toEqual(NICIRA_ERRORS);
  });
});
