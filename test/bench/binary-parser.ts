// Packet-in and flow statistics by binary-parser, with formatters that make the same values of what it reads.
import { Parser } from 'binary-parser/dist/binary_parser.js';
import { hexAt } from '../../proto/openflow/oxm-hex.ts';
import { ipv4Text } from '../../proto/wire/address.ts';

/** What binary-parser's functions know of the structure that they stand in. */
interface Head {
  code: number;
  length: number;
  matchLength: number;
  header: number;
  present: number;
}

const u8 = () => new Parser().uint8('value');
const u16 = () => new Parser().uint16be('value');
const u32 = () => new Parser().uint32be('value');
const u64 = () => new Parser().uint64be('value');
const text = (value: number) => ipv4Text(value);
const ipv4 = () => new Parser().uint32be('value', { formatter: text });
const label = (value: Uint8Array) => hexAt(value, 0, 16);

const oxm = new Parser().uint32be('header').choice({
  tag: 'header',
  choices: {
    2147483652: u32(),
    2147484680: u64(),
    2147484944: u64().uint64be('mask'),
    2147486210: u16(),
    2147488769: u8(),
    2147489284: ipv4(),
    2147489544: ipv4().uint32be('mask', { formatter: text }),
    2147489796: ipv4(),
    2147490818: u16(),
    66052: u32(),
    67588: u32(),
    68872: u32().uint32be('mask'),
    69636: u32(),
    69896: u32().uint32be('mask'),
    70660: u32(),
    70920: u32().uint32be('mask'),
    119560: u32().uint32be('mask'),
    120324: u32(),
    120584: u32().uint32be('mask'),
    120848: new Parser().buffer('value', { length: 16, formatter: label }),
  },
});

/** By the header without mask bit and length. */
const FIELDS = new Map<number, string>(
  Object.entries({
    inPort: 0x800000,
    metadata: 0x800002,
    ethType: 0x800005,
    ipProto: 0x80000a,
    ipv4Src: 0x80000b,
    ipv4Dst: 0x80000c,
    tcpDst: 0x80000e,
    reg1: 0x000101,
    reg4: 0x000104,
    reg6: 0x000106,
    reg8: 0x000108,
    reg10: 0x00010a,
    ctState: 0x000169,
    ctMark: 0x00016b,
    ctLabel: 0x00016c,
  }).map(([name, field]) => [((field >> 8) << 7) | (field & 0x7f), name]),
);

interface Oxm {
  header: number;
  value: unknown;
  mask?: unknown;
}

function matchOf(fields: Oxm[]): Record<string, unknown> {
  const match: Record<string, unknown> = {};
  for (const { header, value, mask } of fields) {
    match[FIELDS.get(header >>> 9)!] = (header & 0x100) === 0 ? value : { value, mask };
  }
  return match;
}

const match = (parser: Parser) =>
  parser
    .uint16be('matchType', { assert: 1 })
    .uint16be('matchLength')
    .array('match', {
      type: oxm,
      lengthInBytes(this: Head) {
        return this.matchLength - 4;
      },
      formatter: matchOf,
    })
    .seek(function (this: unknown) {
      return -(this as Head).matchLength & 7;
    } as never);

const REASONS = ['tableMiss', 'applyAction', 'invalidTtl', 'actionSet', 'group', 'packetOut'];

interface ParsedPacketIn {
  bufferId: number;
  totalLen: number;
  reason: string;
  tableId: number;
  cookie: bigint;
  match: unknown;
  data: Uint8Array;
  xid: number;
}

const packetIn = match(
  new Parser()
    .uint8('version', { assert: 5 })
    .uint8('code', { assert: 10 })
    .uint16be('length')
    .uint32be('xid')
    .uint32be('bufferId')
    .uint16be('totalLen')
    .uint8('reason', { formatter: (value: number) => REASONS[value] ?? value })
    .uint8('tableId')
    .uint64be('cookie'),
)
  .seek(2)
  .buffer('data', { readUntil: 'eof' });

export function parsePacketIn(bytes: Uint8Array): unknown {
  const { bufferId, totalLen, reason, tableId, cookie, match, data, xid } = packetIn.parse(bytes) as ParsedPacketIn;
  return { type: 'packetIn', bufferId, totalLen, reason, tableId, cookie, match, data, xid };
}

function names(...of: string[]) {
  return (value: number): (string | number)[] => {
    const found: (string | number)[] = of.filter((_, i) => (value & (1 << i)) !== 0);
    const rest = value >> of.length;
    if (rest !== 0) found.push(rest << of.length);
    return found;
  };
}

const nothing = new Parser();
const when = (parser: Parser, bit: number, some: Parser) =>
  parser.choice({
    tag(this: Head) {
      return this.present & bit;
    },
    choices: { [bit]: some, 0: nothing },
  } as never);

const natFlags = names('src', 'dst', 'persistent', 'protoHash', 'protoRandom');
const natHead = new Parser().seek(2).uint16be('flags', { formatter: natFlags }).uint16be('present');
const ranges: [number, Parser][] = [
  [1, new Parser().uint32be('ipv4Min', { formatter: text })],
  [2, new Parser().uint32be('ipv4Max', { formatter: text })],
  [16, new Parser().uint16be('protoMin')],
  [32, new Parser().uint16be('protoMax')],
];
const nat = ranges
  .reduce((parser, [bit, some]) => when(parser, bit, some), natHead)
  .seek(function (this: unknown) {
    const { present } = this as Head;
    const bits = (present & 1) * 4 + ((present >> 1) & 1) * 4 + ((present >> 4) & 1) * 2 + ((present >> 5) & 1) * 2;
    return (this as Head).length - 16 - bits;
  } as never);

interface ParsedAction {
  code: number;
  subtype: number;
  header: number;
  value: unknown;
  flags: unknown;
  zone: number;
  table: number;
  alg: number;
  actions: unknown;
  present: number;
  ipv4Min?: string;
  ipv4Max?: string;
  protoMin?: number;
  protoMax?: number;
}

function actionOf(parsed: ParsedAction): unknown {
  if (parsed.code === 25) return { type: 'setField', field: FIELDS.get(parsed.header >>> 9), value: parsed.value };
  const { flags, zone, alg, actions, table } = parsed;
  if (parsed.subtype === 35) {
    return table === 0xff
      ? { type: 'ct', flags, zone, alg, actions }
      : { type: 'ct', flags, zone, alg, actions, table };
  }
  const { present, ipv4Min, ipv4Max, protoMin, protoMax } = parsed;
  return Object.assign(
    { type: 'nat', flags },
    (present & 1) !== 0 && { ipv4Min },
    (present & 2) !== 0 && { ipv4Max },
    (present & 16) !== 0 && { protoMin },
    (present & 32) !== 0 && { protoMax },
  );
}

const actionsOf = (parsed: ParsedAction[]) => parsed.map(actionOf);

const setField = new Parser()
  .uint32be('header')
  .choice({
    tag: 'header',
    choices: { 120324: u32(), 120848: new Parser().buffer('value', { length: 16, formatter: label }) },
  })
  .seek(function (this: unknown) {
    return (this as Head).length - 8 - ((this as Head).header & 0xff);
  } as never);

function action(extensions: Record<number, Parser>): Parser {
  return new Parser()
    .uint16be('code')
    .uint16be('length')
    .choice({
      tag: 'code',
      choices: {
        25: setField,
        65535: new Parser()
          .uint32be('experimenter')
          .uint16be('subtype')
          .choice({ tag: 'subtype', choices: extensions }),
      },
    });
}

const ct = new Parser()
  .uint16be('flags', { formatter: names('commit', 'force') })
  .uint32be('zoneSource', { assert: 0 })
  .uint16be('zone')
  .uint8('table')
  .seek(3)
  .uint16be('alg')
  .array('actions', {
    type: action({ 36: nat }),
    lengthInBytes(this: Head) {
      return this.length - 24;
    },
    formatter: actionsOf,
  });

interface ParsedInstruction {
  code: number;
  tableId: number;
  actions: unknown;
}

const instruction = new Parser()
  .uint16be('code')
  .uint16be('length')
  .choice({
    tag: 'code',
    choices: {
      1: new Parser().uint8('tableId').seek(3),
      4: new Parser().seek(4).array('actions', {
        type: action({ 35: ct, 36: nat }),
        lengthInBytes(this: Head) {
          return this.length - 8;
        },
        formatter: actionsOf,
      }),
    },
  });

const instructionsOf = (parsed: ParsedInstruction[]) =>
  parsed.map(({ code, tableId, actions }) =>
    code === 1 ? { type: 'gotoTable', tableId } : { type: 'applyActions', actions },
  );

const flow = match(
  new Parser()
    .uint16be('length')
    .uint8('tableId')
    .seek(1)
    .uint32be('durationSec')
    .uint32be('durationNsec')
    .uint16be('priority')
    .uint16be('idleTimeout')
    .uint16be('hardTimeout')
    .uint16be('flags', { formatter: names('sendFlowRem', 'checkOverlap', 'resetCounts', 'noPktCounts', 'noBytCounts') })
    .uint16be('importance')
    .seek(2)
    .uint64be('cookie')
    .uint64be('packetCount')
    .uint64be('byteCount'),
).array('instructions', {
  type: instruction,
  lengthInBytes(this: Head) {
    return this.length - 48 - ((this.matchLength + 7) & -8);
  },
  formatter: instructionsOf,
});

/** Takes off what stands on the wire and not in the value. */
function flowsOf(parsed: (Head & Record<string, unknown>)[]): unknown[] {
  return parsed.map(({ length, matchType, matchLength, ...value }) => value);
}

const flowStats = new Parser()
  .uint8('version', { assert: 5 })
  .uint8('code', { assert: 19 })
  .uint16be('length')
  .uint32be('xid')
  .uint16be('kind', { assert: 1 })
  .uint16be('flags', { formatter: names('more') })
  .seek(4)
  .array('reply', {
    type: flow,
    lengthInBytes(this: Head) {
      return this.length - 16;
    },
    formatter: flowsOf,
  });

export function parseFlowStats(bytes: Uint8Array): unknown {
  const { flags, reply, xid } = flowStats.parse(bytes) as { flags: unknown; reply: unknown; xid: number };
  return { type: 'multipartReply', flags, kind: 'flow', reply, xid };
}
