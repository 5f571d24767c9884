// What a decoded value takes of memory: never more than ten times its message's bytes, whatever they are; and no sound
// message is refused for it.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMessage, type Message } from '../../proto/openflow/message.ts';
import { FIELD_NAMES, fieldRow } from '../../proto/openflow/oxm-fields.ts';
import { parseFlow } from '../../src/flow/text/parse-flow.ts';
import { goldenText } from '../oracle/golden-flows.ts';
import { labMessages } from '../oracle/lab-messages.ts';
import { MESSAGE_KINDS } from '../property/openflow-messages.ts';
import { type Filled, filled, type Group, mixed } from './filled.ts';
import { HARD } from './hard-values.ts';
import { LARGEST } from './largest.ts';
import { createRandom } from './random.ts';

const SEED = 20261121;
const OF_EACH_KIND = 12;
/** Of one list and type of item. */
const OF_EACH_PLACE = 1;
const TOO_MUCH = /more than ten times the memory/;

/** Different messages of one kind: values share hidden classes and texts with copies of themselves. */
const DIFFERENT = 6;

/** Every list of every kind of message, full. */
function candidates(): Group[] {
  const random = createRandom(SEED);
  const found: Group[] = LARGEST.map(([what, bytes]) => ({ what, messages: [bytes()] }));
  for (const [what, make] of HARD) {
    found.push({ what, messages: Array.from({ length: DIFFERENT }, () => make(random)) });
  }
  for (const [, message] of MESSAGE_KINDS) {
    const values = fc.sample(message, { numRuns: OF_EACH_KIND, seed: SEED });
    const times = new Map<string, number>();
    for (const { what, bytes } of values.flatMap((value) => filled(value))) {
      const before = times.get(what) ?? 0;
      times.set(what, before + 1);
      if (before < OF_EACH_PLACE) found.push({ what, messages: [bytes] });
    }
    found.push(...mixed(values, 3, random));
  }
  return found;
}

/** How many times their bytes the values take, or why they are refused. */
async function measured(all: readonly Group[]): Promise<(number | string)[]> {
  const probe = fileURLToPath(new URL('./memory-probe.ts', import.meta.url));
  const run = promisify(execFile)(process.execPath, ['--expose-gc', probe], { timeout: 400_000, maxBuffer: 1 << 24 });
  for (const { messages } of all) {
    run.child.stdin!.write(`${messages.map((bytes) => Buffer.from(bytes).toString('base64')).join(' ')}\n`);
  }
  run.child.stdin!.end();
  const lines = (await run).stdout.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as number | string);
}

test('every list of every message, full: ten times the bytes at most, or refused', { timeout: 420_000 }, async () => {
  const all = candidates();
  const results = await measured(all);
  const times = all.flatMap(({ what }, i) => {
    const each = results[i]!;
    return typeof each === 'number' ? [{ what, times: Math.round(10 * each) / 10 }] : [];
  });
  const refusals = results.filter((each) => typeof each === 'string');
  expect(results.length).toBe(all.length);
  expect(times.filter((each) => each.times > 10)).toEqual([]);
  expect(refusals.filter((why) => !TOO_MUCH.test(why))).toEqual([]);
  // Both must come, else the messages prove nothing.
  expect(times.filter((each) => each.times > 5).length).toBeGreaterThan(50);
  expect(refusals.length).toBeGreaterThan(50);
});

/** The full messages that are not decoded, with why. */
function refused(messages: readonly Filled[]): string[] {
  return messages.flatMap(({ what, bytes }) => {
    try {
      decodeMessage(bytes);
      return [];
    } catch (error) {
      return [`${what}: ${String(error)}`];
    }
  });
}

/** Each flow of golden/flows.txt as a switch tells of it. */
function flowReplies(): Message[] {
  const counters = { durationSec: 0xffffffff, durationNsec: 999_999_999, packetCount: 2n ** 63n, byteCount: 2n ** 63n };
  return goldenText().flows.map((text) => {
    const { tableId, priority, idleTimeout, hardTimeout, flags, cookie, match, instructions, importance } =
      parseFlow(text);
    const head = { tableId, priority, idleTimeout, hardTimeout, flags, importance, cookie, ...counters };
    return multipartReply('flow', [{ ...head, match, instructions }]);
  });
}

function multipartReply(kind: string, reply: readonly unknown[]): Message {
  return { type: 'multipartReply', flags: [], kind, reply, xid: 1 } as Message;
}

test('flows and groups as switches have them, and as many as a message holds, are none that are refused', () => {
  const replies = [...flowReplies(), ...labMessages().map((bytes) => decodeMessage(bytes))];
  const full = replies.flatMap((message) => ('reply' in message ? filled(message, 'outermost') : []));
  expect(full.length).toBeGreaterThan(400);
  expect(refused(full)).toEqual([]);
});

test('nor is what is small and may be many: empty groups, features of tables that know every field and action', () => {
  const oxmIds = FIELD_NAMES.map((field) => ({ field, hasMask: fieldRow(field).maskable }));
  const actionIds = ['output', 'group', 'setField', 'pushVlan', 'popVlan', 'decNwTtl'].map((type) => ({ type }));
  const instructionIds = ['gotoTable', 'writeMetadata', 'applyActions', 'meter'].map((type) => ({ type }));
  const tableIds = Array.from({ length: 253 }, (_, id) => id + 1);
  const features = {
    tableId: 0,
    name: 'the table with the longest name ',
    metadataMatch: 2n ** 64n - 1n,
    metadataWrite: 2n ** 64n - 1n,
    capabilities: ['eviction', 'vacancyEvents'],
    maxEntries: 1_000_000,
    properties: [
      ...['match', 'wildcards', 'writeSetfield', 'applySetfield'].map((type) => ({ type, oxmIds })),
      ...['writeActions', 'writeActionsMiss', 'applyActions'].map((type) => ({ type, actionIds })),
      ...['instructions', 'instructionsMiss'].map((type) => ({ type, instructionIds })),
      ...['nextTables', 'nextTablesMiss'].map((type) => ({ type, tableIds })),
    ],
  };
  const full = [
    filled(multipartReply('groupDesc', [{ groupType: 'indirect', groupId: 0xfffffeff, buckets: [] }])),
    filled(multipartReply('tableDesc', [{ tableId: 254, config: ['eviction'], properties: [] }])),
    filled(multipartReply('tableFeatures', [features]), 'outermost'),
  ].flat();
  expect(full.length).toBe(3);
  expect(refused(full)).toEqual([]);
});
