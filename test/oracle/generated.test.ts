// Messages that we make at random, within what Open vSwitch accepts: it must print the very values that we encoded.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { action } from '../../proto/openflow/action.ts';
import { encodeMessage, type Message } from '../../proto/openflow/message.ts';
import { FIELD_NAMES } from '../../proto/openflow/oxm-fields.ts';
import { NO_BUFFER } from '../../proto/openflow/reserved-numbers.ts';
import { MESSAGE_KINDS } from '../property/openflow-messages.ts';
import { SETTINGS } from './action-kind.ts';
import type { MessageKind } from './expected.ts';
import { ASYNC_MESSAGE_KINDS } from './expected-async.ts';
import { CONTROL_KINDS } from './expected-control.ts';
import { FLOW_KINDS } from './expected-flows.ts';
import { GROUP_KINDS } from './expected-groups.ts';
import { METER_KINDS } from './expected-meters.ts';
import { MONITOR_KINDS } from './expected-monitor.ts';
import { MULTIPART_KINDS } from './expected-multiparts.ts';
import { NICIRA_KINDS } from './expected-nicira.ts';
import { NICIRA_FLOW_KINDS } from './expected-nicira-flows.ts';
import { PACKET_KINDS } from './expected-packets.ts';
import { PORT_KINDS } from './expected-ports.ts';
import { TABLE_FEATURE_KINDS } from './expected-table-features.ts';
import { TABLE_KINDS } from './expected-tables.ts';
import { COVERED, LEFT_OUT } from './match-fields.ts';
import { ofpParse } from './ofctl.ts';
import { plain } from './printed-text.ts';
import { ACTION_KINDS, NOT_IN_OVS } from './sound-action.ts';

const SEED = 20260721;
const RUNS = 200;

const KINDS: Readonly<Record<string, MessageKind>> = {
  ...CONTROL_KINDS,
  ...ASYNC_MESSAGE_KINDS,
  ...FLOW_KINDS,
  ...GROUP_KINDS,
  ...METER_KINDS,
  ...PORT_KINDS,
  ...TABLE_KINDS,
  ...PACKET_KINDS,
  ...MULTIPART_KINDS,
  ...MONITOR_KINDS,
  ...TABLE_FEATURE_KINDS,
  ...NICIRA_KINDS,
  ...NICIRA_FLOW_KINDS,
};

/** Kinds of messages of which Open vSwitch 3.1 prints nothing over OpenFlow 1.4. */
const UNREAD: Readonly<Record<string, string>> = {
  experimenter: 'of an experimenter that it does not know: BAD_VENDOR',
  flowMonitorCancel: 'it has this of earlier versions alone: BAD_SUBTYPE',
  flowMonitorPaused: 'it has this of earlier versions alone: BAD_SUBTYPE',
  flowMonitorResumed: 'it has this of earlier versions alone: BAD_SUBTYPE',
  'multipartRequest experimenter': 'of an experimenter that it does not know: BAD_VENDOR',
  'multipartReply experimenter': 'of an experimenter that it does not know: BAD_VENDOR',
  'multipart of an unknown kind': 'it does not know it either: BAD_STAT',
  'a message of an unknown type': 'it does not know it either: BAD_TYPE',
};

/** `OFPT_…` or `OFPST_… reply`, version and transaction. */
const HEAD = /^[A-Z]+_[A-Z0-9_]+(?: request| reply)? \(OF1\.4\) \(xid=0x([0-9a-f]+)\):?/;

const shown = (message: Message) =>
  JSON.stringify(message, (_name, value: unknown) =>
    typeof value === 'bigint'
      ? `0x${value.toString(16)}`
      : value instanceof Uint8Array
        ? Buffer.from(value).toString('hex')
        : value,
  );

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

/** A few characters before where they part. */
function firstDifference(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return Math.max(0, at - 40);
}

/** What differs between what it printed and what it must print; the message's own bytes with it. */
function difference(message: Message, expected: string, printed: string, { read }: MessageKind): string | undefined {
  const head = HEAD.exec(printed);
  let found = printed;
  if (head !== null && Number.parseInt(head[1]!, 16) === message.xid) {
    try {
      found = oneLine(read(printed.slice(head[0].length)));
    } catch (error) {
      found = `${String(error)}: ${printed}`;
    }
  }
  const wanted = oneLine(read(expected));
  if (found === wanted) return undefined;
  const hex = Buffer.from(encodeMessage(message)).toString('hex');
  const from = firstDifference(wanted, found);
  return `…${wanted.slice(from, from + 120)}… is printed as …${found.slice(from, from + 120)}… in ${hex}: ${shown(message)}`;
}

describe('Open vSwitch prints the values of generated messages', () => {
  test.each(Object.entries(KINDS))('%s', async (_name, kind) => {
    const some = fc.sample(kind.expectation, { seed: SEED, numRuns: RUNS });
    const printed = await ofpParse(
      some.map(({ message }) => encodeMessage(message)),
      { brief: kind.brief ?? false },
    );
    const wrong = some.flatMap(({ message, text }, i) => difference(message, text, printed[i]!, kind) ?? []);
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  test('of every kind that the codec has, but those that it does not have', () => {
    const known = MESSAGE_KINDS.map(([name]) => name);
    expect(Object.keys({ ...KINDS, ...UNREAD }).sort()).toEqual(known.sort());
  });
});

describe('Open vSwitch prints the values of generated actions', () => {
  const cases = Object.entries(ACTION_KINDS).flatMap(([type, kinds]) =>
    kinds.flatMap((each) => each.settings.map((setting) => ({ type, setting, arbitrary: each.arbitrary }))),
  );

  test.each(Object.keys(ACTION_KINDS))('%s', async (name) => {
    const flows = cases
      .filter(({ type }) => type === name)
      .flatMap(({ setting, arbitrary }) =>
        fc.sample(arbitrary, { seed: SEED, numRuns: 30 }).map(({ action: made, text }) => ({ setting, made, text })),
      );
    const printed = await ofpParse(
      flows.map(({ setting, made }) =>
        encodeMessage({
          type: 'flowMod',
          xid: 1,
          cookie: 0n,
          cookieMask: 0n,
          tableId: 0,
          command: 'add',
          idleTimeout: 0,
          hardTimeout: 0,
          priority: 0x8000,
          bufferId: NO_BUFFER,
          outPort: 'any',
          outGroup: 'any',
          flags: [],
          importance: 0,
          match: SETTINGS[setting],
          instructions: [{ type: 'applyActions', actions: [made] }],
        }),
      ),
    );
    const wrong = flows.flatMap(({ made, text }, i) => {
      const found = plain(/actions=(.*)$/s.exec(printed[i]!)?.[1] ?? printed[i]!);
      return found === plain(text) ? [] : [{ made, must: plain(text), found }];
    });
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  test('of every type that the codec has, but those that it does not have', () => {
    const form = action.form;
    if (form?.kind !== 'tagged') throw new Error('actions are a tagged union');
    const known = [form.variants, ...form.extensions.map(({ variants }) => variants)].flatMap(Object.keys);
    expect(Object.keys({ ...ACTION_KINDS, ...NOT_IN_OVS }).sort()).toEqual(known.sort());
  });
});

describe('generated matches', () => {
  test('have every field that Open vSwitch has', () => {
    expect(FIELD_NAMES.filter((name) => !COVERED.has(name) && !(name in LEFT_OUT))).toEqual([]);
  });
});
