// The messages that keep a connection and its roles, as Open vSwitch prints them; bundles, and messages inside messages.
import fc from 'fast-check';
import { type ErrorMessage, error as errorCodec, errorName } from '../../proto/openflow/error.ts';
import { encodeMessage, type Message } from '../../proto/openflow/message.ts';
import { u8, u16, u32, u64 } from '../property/arbitrary.ts';
import { generator } from '../property/openflow-messages.ts';
import { type Expectation, type MessageKind, messageKind, nameOnly, words, xid } from './expected.ts';
import { ROLE_REASONS } from './expected-async.ts';
import { FLOW_KINDS } from './expected-flows.ts';
import { GROUP_KINDS } from './expected-groups.ts';
import { METER_KINDS } from './expected-meters.ts';
import { PORT_KINDS } from './expected-ports.ts';
import { plain } from './printed-text.ts';

/** `00000000  12 34-56 …  |.4V|`: sixteen bytes a line. */
function dump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) lines.push(Buffer.from(bytes.subarray(at, at + 16)).toString('hex'));
  return lines.map((line) => `dump:${line}`).join(' ');
}

/** The same of such lines in a text. */
function readDump(text: string): string {
  return text
    .replace(/^[0-9a-f]{8} {2}(.{48}).*$/gm, (_, bytes: string) => `dump:${bytes.replace(/[ -]/g, '')}`)
    .replace(/\s+/g, ' ')
    .trim();
}

/** Versions up to 31: a longer bitmap's rest is not read. */
const hello = messageKind(
  fc.uniqueArray(fc.integer({ min: 1, max: 31 }), { minLength: 1 }).map((some) => some.sort((a, b) => a - b)),
  (versions) => ({ type: 'hello', elements: [{ type: 'versionBitmap', versions }] }),
  (versions) => `version bitmap: ${versions.map((version) => `0x${version.toString(16)}`).join(', ')}`,
);

/** How Open vSwitch's names of errors begin, by their type. */
const ERRORS: Readonly<Record<string, string>> = {
  HELLO_FAILED: 'OFPHFC',
  BAD_REQUEST: 'OFPBRC',
  BAD_ACTION: 'OFPBAC',
  BAD_INSTRUCTION: 'OFPBIC',
  BAD_MATCH: 'OFPBMC',
  FLOW_MOD_FAILED: 'OFPFMFC',
  GROUP_MOD_FAILED: 'OFPGMFC',
  PORT_MOD_FAILED: 'OFPPMFC',
  TABLE_MOD_FAILED: 'OFPTMFC',
  QUEUE_OP_FAILED: 'OFPQOFC',
  SWITCH_CONFIG_FAILED: 'OFPSCFC',
  ROLE_REQUEST_FAILED: 'OFPRRFC',
  METER_MOD_FAILED: 'OFPMMFC',
  TABLE_FEATURES_FAILED: 'OFPTFFC',
  BAD_PROPERTY: 'OFPBPC',
  ASYNC_CONFIG_FAILED: 'OFPACFC',
  FLOW_MONITOR_FAILED: 'OFPMOFC',
  BUNDLE_FAILED: 'OFPBFC',
};

const named = (generator.of(errorCodec) as fc.Arbitrary<ErrorMessage>).filter(
  (each) => typeof each.errorType === 'string' && 'code' in each && typeof each.code === 'string',
);

/** As older versions of OpenFlow called them. */
const ALIASES: Readonly<Record<string, string>> = {
  OFPBRC_BAD_MULTIPART: 'OFPBRC_BAD_STAT',
  OFPBRC_BAD_EXPERIMENTER: 'OFPBRC_BAD_VENDOR',
  OFPBRC_BAD_EXP_TYPE: 'OFPBRC_BAD_SUBTYPE',
  OFPBRC_IS_SLAVE: 'OFPBRC_IS_SECONDARY',
  OFPBAC_BAD_EXPERIMENTER: 'OFPBAC_BAD_VENDOR',
  OFPBAC_BAD_EXP_TYPE: 'OFPBAC_BAD_VENDOR_TYPE',
};

function errorText(each: ErrorMessage): string {
  const [type, code] = errorName(each).split('/');
  const name = `${ERRORS[type!]}_${code}`;
  return ALIASES[name] ?? name;
}

/** A hello is refused in words, anything else with its first bytes. */
const error = messageKind(
  fc.tuple(named, xid),
  ([each, number]) => ({
    ...each,
    data:
      each.errorType === 'helloFailed'
        ? Buffer.from('no version in common')
        : encodeMessage({ type: 'echoRequest', data: new Uint8Array(), xid: number }),
  }),
  ([each, number]) =>
    each.errorType === 'helloFailed'
      ? `${errorText(each)} no version in common`
      : `${errorText(each)} OFPT_ECHO_REQUEST (OF1.4) (xid=0x${number.toString(16)}): 0 bytes of payload`,
);

const echo = (type: string) =>
  messageKind(
    fc.uint8Array({ maxLength: 40 }),
    (data) => ({ type, data }),
    (data) => `${data.length} bytes of payload ${dump(data)}`,
    readDump,
  );

const CAPABILITIES = {
  flowStats: 'FLOW_STATS',
  tableStats: 'TABLE_STATS',
  portStats: 'PORT_STATS',
  groupStats: 'GROUP_STATS',
  ipReasm: 'IP_REASM',
  queueStats: 'QUEUE_STATS',
  portBlocked: 'PORT_BLOCKED',
} as const;

const featuresReply = messageKind(
  fc.record({
    datapathId: u64,
    nBuffers: u32,
    nTables: u8,
    auxiliaryId: fc.integer({ min: 1, max: 255 }),
    capabilities: fc.subarray(Object.keys(CAPABILITIES)),
    reserved: u32,
  }),
  (each) => ({ type: 'featuresReply', ...each }),
  (each) =>
    [
      `dpid:${each.datapathId.toString(16).padStart(16, '0')}`,
      `n_tables:${each.nTables}, n_buffers:${each.nBuffers}, auxiliary_id:${each.auxiliaryId}`,
      `capabilities: ${words(each.capabilities, CAPABILITIES)}`,
    ].join(' '),
  (text) => text.replace(/\s+/g, ' ').trim(),
);

const FRAGMENTS = { normal: 'normal', drop: 'drop', reassemble: 'reassemble' } as const;
const config = (type: string) =>
  messageKind(
    fc.tuple(fc.constantFrom('normal' as const, 'drop' as const, 'reassemble' as const), u16),
    ([flags, missSendLen]) => ({ type, flags, missSendLen }),
    ([flags, length]) => `frags=${FRAGMENTS[flags]} miss_send_len=${length}`,
  );

const ROLES = { noChange: 'nochange', equal: 'equal', master: 'primary', slave: 'secondary' } as const;
type Role = keyof typeof ROLES;
const role = fc.constantFrom(...(Object.keys(ROLES) as Role[]));

/** All ones: none. */
const generation = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_fffen });

/** A request that changes nothing has no generation. */
const roleMessage = (type: string) =>
  messageKind(
    fc.tuple(role, generation),
    ([each, generationId]) => ({ type, role: each, generationId }),
    ([each, id]) => `role=${ROLES[each]}${type === 'roleRequest' && each === 'noChange' ? '' : ` generation_id=${id}`}`,
  );

const roleStatus = messageKind(
  fc.tuple(role, fc.constantFrom('masterRequest' as const, 'config' as const, 'experimenter' as const), generation),
  ([each, reason, generationId]) => ({ type: 'roleStatus', role: each, reason, generationId, properties: [] }),
  ([each, reason, id]) => `role=${ROLES[each]} generation_id=${id} reason=${ROLE_REASONS[reason]}`,
);

const CONTROLS = {
  openRequest: 'OPEN_REQUEST',
  openReply: 'OPEN_REPLY',
  closeRequest: 'CLOSE_REQUEST',
  closeReply: 'CLOSE_REPLY',
  commitRequest: 'COMMIT_REQUEST',
  commitReply: 'COMMIT_REPLY',
  discardRequest: 'DISCARD_REQUEST',
  discardReply: 'DISCARD_REPLY',
} as const;
const bundleFlags = fc.subarray(['atomic', 'ordered']);
const flagText = (flags: readonly string[]) => `flags=${flags.length === 0 ? '0' : flags.join(' ')}`;

const bundleControl = messageKind(
  fc.tuple(u32, fc.constantFrom(...(Object.keys(CONTROLS) as (keyof typeof CONTROLS)[])), bundleFlags),
  ([bundleId, control, flags]) => ({ type: 'bundleControl', bundleId, control, flags, properties: [] }),
  ([id, control, flags]) => `bundle_id=0x${id.toString(16)} type=${CONTROLS[control]} ${flagText(flags)}`,
);

/** Messages that stand in bundles; a bundle's have its own xid. */
const BUNDLED: readonly [name: string, kind: MessageKind][] = [
  ['OFPT_FLOW_MOD', FLOW_KINDS.flowMod!],
  ['OFPT_GROUP_MOD', GROUP_KINDS.groupMod!],
  ['OFPT_PORT_MOD', PORT_KINDS.portMod!],
];

const bundleAdd: MessageKind = {
  expectation: fc.oneof(
    ...BUNDLED.map(([name, kind]) =>
      fc.tuple(kind.expectation, u32, bundleFlags).map(([{ message, text }, bundleId, flags]): Expectation => {
        const head = `${name} (OF1.4) (xid=0x${message.xid.toString(16)}):`;
        return {
          message: { type: 'bundleAdd', bundleId, flags, message, properties: [], xid: message.xid } as Message,
          text: `bundle_id=0x${bundleId.toString(16)} ${flagText(flags)} ${head} ${text}`,
        };
      }),
    ),
  ),
  read(text) {
    const found = /^(.*?)(OFPT_\w+)( \(OF1\.4\) \(xid=0x[0-9a-f]+\)):(.*)$/s.exec(text);
    if (found === null) return text;
    const [, before, name, middle, after] = found;
    const kind = BUNDLED.find(([each]) => each === name)![1];
    return `${plain(before!)} ${name}${middle}: ${kind.read(after!)}`;
  },
};

const requestForward: MessageKind = {
  expectation: fc.oneof(
    ...Object.entries({ group: GROUP_KINDS.groupMod!, meter: METER_KINDS.meterMod! }).map(([of, kind]) =>
      kind.expectation.map(({ message, text }): Expectation => {
        const { xid: number } = message;
        return {
          message: { type: 'requestForward', request: message, xid: number } as Message,
          text: `reason=${of}_mod ${text}`,
        };
      }),
    ),
  ),
  read: plain,
};

export const CONTROL_KINDS: Readonly<Record<string, MessageKind>> = {
  hello,
  error,
  echoRequest: echo('echoRequest'),
  echoReply: echo('echoReply'),
  featuresRequest: nameOnly('featuresRequest'),
  featuresReply,
  getConfigRequest: nameOnly('getConfigRequest'),
  getConfigReply: config('getConfigReply'),
  setConfig: config('setConfig'),
  barrierRequest: nameOnly('barrierRequest'),
  barrierReply: nameOnly('barrierReply'),
  roleRequest: roleMessage('roleRequest'),
  roleReply: roleMessage('roleReply'),
  roleStatus,
  getAsyncRequest: nameOnly('getAsyncRequest'),
  bundleControl,
  bundleAdd,
  requestForward,
};
