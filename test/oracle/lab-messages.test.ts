// Every message that the labs send and receive: decoded and encoded again it is the same, and Open vSwitch reads it.
import { describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage, type Message } from '../../proto/openflow/message.ts';
import { labMessages } from './lab-messages.ts';
import { inParallel, ofpPrint } from './ofctl.ts';

function kind(message: Message): string {
  if (message.type === 'bundleAdd') return `bundleAdd ${message.message.type}`;
  if (message.type === 'bundleControl') return `bundleControl ${message.control}`;
  return 'kind' in message ? `${message.type} ${message.kind}` : message.type;
}

const corpus = labMessages();
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('messages of the labs', () => {
  test('are of every kind that a run exchanges', () => {
    expect([...new Set(corpus.map((bytes) => kind(decodeMessage(bytes))))].sort()).toEqual([
      'barrierReply',
      'barrierRequest',
      'bundleAdd flowMod',
      'bundleAdd groupMod',
      'bundleControl closeReply',
      'bundleControl closeRequest',
      'bundleControl commitReply',
      'bundleControl commitRequest',
      'bundleControl openReply',
      'bundleControl openRequest',
      'echoReply',
      'echoRequest',
      'featuresReply',
      'featuresRequest',
      'hello',
      'multipartReply desc',
      'multipartReply flow',
      'multipartReply groupDesc',
      'multipartReply portDesc',
      'multipartReply portStats',
      'multipartRequest desc',
      'multipartRequest flow',
      'multipartRequest groupDesc',
      'multipartRequest portDesc',
      'multipartRequest portStats',
      'packetIn',
      'packetOut',
      'portStatus',
      'setConfig',
    ]);
  });

  test('have no field, action or instruction that the codec does not know', () => {
    for (const bytes of corpus) {
      const message = decodeMessage(bytes);
      // Open vSwitch adds counters of its own to port statistics, under Intel's number.
      if (kind(message) === 'multipartReply portStats') continue;
      const strange: string[] = [];
      JSON.stringify(message, (name, value: unknown) => {
        if (name.startsWith('oxm:') || value === 'unknown' || value === 'experimenter') strange.push(name);
        return typeof value === 'bigint' ? value.toString() : value;
      });
      expect(strange, hex(bytes)).toEqual([]);
    }
  });

  test('decode and encode to the same bytes', () => {
    for (const bytes of corpus) expect(hex(encodeMessage(decodeMessage(bytes)))).toBe(hex(bytes));
  });

  test('as the codec writes them, are read by ovs-ofctl ofp-print', async () => {
    const printed = await inParallel(corpus, (bytes) => ofpPrint(encodeMessage(decodeMessage(bytes))));
    const refused = printed.filter((text) => !text.startsWith('OFPT_') && !text.startsWith('OFPST_'));
    expect(refused).toEqual([]);
    expect(printed.filter((text) => /\*\*\*|ovs-ofctl/.test(text))).toEqual([]);
  });
});
