/** tshark reads what is built as it is dissected here, field by field, and finds no fault with it. */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPacket } from '../../src/packet/build.ts';
import { describePacket } from '../../src/packet/describe.ts';
import { dissect } from '../../src/packet/dissect.ts';
import { writeCapture } from '../../src/packet/pcap.ts';
import { SOUND } from './arbitrary-contents.ts';
import { packetsOf } from './arbitrary-packets.ts';
import { FIELDS, type FieldValue, valuesOf } from './tshark-fields.ts';

/** All fields but those that tell of a stream, and with every checksum looked at. */
const PREFERENCES = [
  'ip.check_checksum:TRUE',
  'tcp.check_checksum:TRUE',
  'udp.check_checksum:TRUE',
  'sctp.checksum:crc-32c',
  'eth.fcs:Never',
  'ip.defragment:FALSE',
  'ipv6.defragment:FALSE',
  'tcp.analyze_sequence_numbers:FALSE',
  'tcp.relative_sequence_numbers:FALSE',
  'tcp.desegment_tcp_streams:FALSE',
];
const SUMMED = ['ip', 'tcp', 'udp', 'sctp', 'icmp', 'icmpv6', 'igmp', 'gre'];
const STATUS = SUMMED.map((each) => `${each}.checksum.status`);
const NAMES = ['_ws.malformed', ...STATUS, ...FIELDS.map(([name]) => name)];
const BAD = '0';
const GOOD = '1';

const frames = fc.sample(packetsOf(SOUND), 2_000).map(buildPacket);
let folder: string;
/** Of each frame, the values of each of `NAMES`. */
let rows: string[][][];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-tshark-'));
  const file = join(folder, 'frames.pcap');
  writeFileSync(file, writeCapture(frames.map((frame) => ({ frame }))));
  const options = [...PREFERENCES.flatMap((each) => ['-o', each]), '-T', 'fields', '-E', 'aggregator=|'];
  const { stdout } = await promisify(execFile)(
    'tshark',
    ['-n', '-r', file, ...options, ...NAMES.flatMap((name) => ['-e', name])],
    // Settings of its user are not read.
    { maxBuffer: 1 << 28, env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder } },
  );
  const lines = stdout.split('\n').slice(0, -1);
  rows = lines.map((line) => line.split('\t').map((cell) => (cell === '' ? [] : cell.split('|'))));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const column = (name: string) => rows.map((row) => row[NAMES.indexOf(name)]!);

function normal(text: string): FieldValue {
  if (text === 'True' || text === 'False') return Number(text === 'True');
  return /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : text;
}

test('it reads every frame, and calls none malformed', () => {
  expect(rows).toHaveLength(frames.length);
  const malformed = column('_ws.malformed').flatMap((found, index) =>
    found.length > 0 ? [describePacket(frames[index]!)] : [],
  );
  expect(malformed).toEqual([]);
});

test.for(STATUS)('%s: good where it was looked at', (name) => {
  const bad = column(name).flatMap((found, index) => (found.includes(BAD) ? [describePacket(frames[index]!)] : []));
  expect(bad).toEqual([]);
  expect(column(name).filter((found) => found.includes(GOOD)).length).toBeGreaterThan(10);
});

test.for(FIELDS)('%s', ([name, read]) => {
  // What is all digits is a number on both sides; one empty text is as none.
  const comparable = (texts: readonly string[]) => texts.filter((text) => text !== '').map(normal);
  const values = frames.map((frame) => comparable(valuesOf(dissect(frame), read).map(String)));
  expect(values.flat().length).toBeGreaterThan(2);
  const told = column(name).map(comparable);
  const differing = values.flatMap((ours, index) => {
    const theirs = told[index]!;
    const same = ours.length === theirs.length && ours.every((value, at) => value === theirs[at]);
    return same ? [] : [{ frame: `${index + 1} ${describePacket(frames[index]!)}`, ours, theirs }];
  });
  expect(differing.slice(0, 3)).toEqual([]);
});
