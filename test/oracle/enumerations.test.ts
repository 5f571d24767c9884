// Every OFP… constant of OpenFlow 1.4, as os-ken has them, against the names and numbers of our schemas.
import { expect, test } from 'vitest';
import { MESSAGES, OPENFLOW_1_4 } from '../../proto/openflow/message.ts';
import { PARTS } from '../../proto/openflow/multipart.ts';
import { OLDER_ACTIONS } from '../../proto/openflow/older-action.ts';
import { OXM_FIELDS } from '../../proto/openflow/oxm-fields.ts';
import { REQUESTFORWARD_REASONS } from '../../proto/openflow/reasons.ts';
import { NO_BUFFER, WHOLE_PACKET } from '../../proto/openflow/reserved-numbers.ts';
import type { AnyCodec } from '../../proto/wire/codec.ts';
import { namedPartsOf } from '../../proto/wire/walk.ts';
import { osKenConstants } from './os-ken.ts';

type Numbers = Readonly<Record<string, number>>;

/** Prefix of the constants → where the names stand: a path into the messages, or into the parts of multiparts. */
const PLACES: Readonly<Record<string, string>> = {
  OFPET: 'error',
  OFPHFC: 'error.helloFailed.code',
  OFPBRC: 'error.badRequest.code',
  OFPBAC: 'error.badAction.code',
  OFPBIC: 'error.badInstruction.code',
  OFPBMC: 'error.badMatch.code',
  OFPFMFC: 'error.flowModFailed.code',
  OFPGMFC: 'error.groupModFailed.code',
  OFPPMFC: 'error.portModFailed.code',
  OFPTMFC: 'error.tableModFailed.code',
  OFPQOFC: 'error.queueOpFailed.code',
  OFPSCFC: 'error.switchConfigFailed.code',
  OFPRRFC: 'error.roleRequestFailed.code',
  OFPMMFC: 'error.meterModFailed.code',
  OFPTFFC: 'error.tableFeaturesFailed.code',
  OFPBPC: 'error.badProperty.code',
  OFPACFC: 'error.asyncConfigFailed.code',
  OFPMOFC: 'error.flowMonitorFailed.code',
  OFPBFC: 'error.bundleFailed.code',
  OFPHET: 'hello.elements',
  OFPC: 'featuresReply.capabilities',
  OFPC_FRAG: 'setConfig.flags',
  OFPP: 'portMod.portNo',
  OFPPC: 'portMod.config',
  OFPPS: 'portStatus.desc.state',
  OFPPF: 'portMod.properties.ethernet.advertise',
  OFPOPF: 'portMod.properties.optical.configure',
  OFPPDPT: 'portStatus.desc.properties',
  OFPPMPT: 'portMod.properties',
  OFPPR: 'portStatus.reason',
  OFPR: 'packetIn.reason',
  OFPRR: 'flowRemoved.reason',
  OFPAT: 'packetOut.actions',
  OFPIT: 'flowMod.instructions',
  OFPFC: 'flowMod.command',
  OFPFF: 'flowMod.flags',
  OFPTT: 'flowMod.tableId',
  OFPG: 'flowMod.outGroup',
  OFPGC: 'groupMod.command',
  OFPGT: 'groupMod.groupType',
  OFPTC: 'tableMod.config',
  OFPTMPT: 'tableMod.properties',
  OFPTMPEF: 'tableMod.properties.eviction.flags',
  OFPTR: 'tableStatus.reason',
  OFPM: 'meterMod.meterId',
  OFPMC: 'meterMod.command',
  OFPMF: 'meterMod.flags',
  OFPMBT: 'meterMod.bands',
  OFPCR_ROLE: 'roleRequest.role',
  OFPCRR: 'roleStatus.reason',
  OFPRPT: 'roleStatus.properties',
  OFPACPT: 'setAsync.properties',
  OFPBCT: 'bundleControl.control',
  OFPBF: 'bundleControl.flags',
  OFPBPT: 'bundleControl.properties',
  OFPPSPT: 'portStatsReply.properties',
  OFPOSF: 'portStatsReply.properties.optical.flags',
  OFPQ: 'queueStatsRequest.queueId',
  OFPQSPT: 'queueStatsReply.properties',
  OFPQDPT: 'queueDescReply.properties',
  OFPGFC: 'groupFeaturesReply.capabilities',
  OFPTFPT: 'tableFeaturesReply.properties',
  OFPFMC: 'flowMonitorRequest.command',
  OFPFMF: 'flowMonitorRequest.flags',
  OFPFME: 'flowMonitorReply',
};

/** Names in tables of another form. */
const TABLES: Readonly<Record<string, Numbers>> = {
  OFPT: Object.fromEntries(Object.entries(MESSAGES).map(([name, [type]]) => [name, type])),
  OFPMP: Object.fromEntries(Object.entries(PARTS).map(([kind, [type]]) => [kind, type])),
  OFPXMT_OFB: Object.fromEntries(
    Object.entries(OXM_FIELDS)
      .filter(([, { header }]) => header.oxmClass === 0x8000)
      .map(([name, { header }]) => [name, header.field]),
  ),
  OFPRFR: REQUESTFORWARD_REASONS,
};

/** Names that are longer or plainer than the standard's. */
const RENAMED: Readonly<Record<string, string>> = {
  OFPC_FRAG_REASM: 'reassemble',
  OFPGT_FF: 'fastFailover',
  OFPT_BUNDLE_ADD_MESSAGE: 'bundleAdd',
  OFPXMT_OFB_IPV6_FLABEL: 'ipv6FlowLabel',
};

/** Numbers that are no value of a field, or whose field has no names, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  OFPP_MAX: 'a limit',
  OFPG_MAX: 'a limit',
  OFPM_MAX: 'a limit',
  OFPTT_MAX: 'a limit',
  OFPCML_MAX: 'a limit',
  OFPC_FRAG_MASK: 'the mask of a part of the flags that is all there is of them',
  OFPTC_DEPRECATED_MASK: 'bits without a meaning: kept as a number',
  OFPCML_NO_BUFFER: 'WHOLE_PACKET, below',
  OFP_NO_BUFFER: 'NO_BUFFER, below',
  OFP_VERSION: 'OPENFLOW_1_4, below',
  OFPMPF_REPLY_MORE: '`more` of the flags of a multipart, whose codec is code of its own',
  OFPMT_STANDARD: 'a match of OpenFlow 1.0',
  OFPMT_OXM: 'the one type of match that there is',
  OFPXMC_NXM_0: 'part of the headers in OXM_FIELDS',
  OFPXMC_NXM_1: 'part of the headers in OXM_FIELDS',
  OFPXMC_OPENFLOW_BASIC: 'part of the headers in OXM_FIELDS',
  OFPXMC_EXPERIMENTER: 'part of the headers in OXM_FIELDS',
  OFPTFPT_EXPERIMENTER_SLAVE: "OFPACPT_EXPERIMENTER_SLAVE under the standard's own mistaken name",
  OFPTFPT_EXPERIMENTER_MASTER: "OFPACPT_EXPERIMENTER_MASTER under the standard's own mistaken name",
  OFPVID_NONE: 'a value of vlanVid, which is a number',
  OFPVID_PRESENT: 'a bit of vlanVid, which is a number',
  OFPQ_MIN_RATE_UNCFG: 'a rate, which is a number',
  OFPQ_MAX_RATE_UNCFG: 'a rate, which is a number',
  OFP_FLOW_PERMANENT: 'a timeout, which is a number',
  OFP_DEFAULT_PRIORITY: 'a default of ovs-ofctl and of libraries',
  OFP_DEFAULT_MISS_SEND_LEN: 'a default of switches',
  OFP_TCP_PORT: 'where controllers listen',
  OFP_SSL_PORT: 'where controllers listen',
  OFP_ETH_ALEN: 'the length of a field',
  OFP_MAX_PORT_NAME_LEN: 'the length of a field',
  OFP_MAX_TABLE_NAME_LEN: 'the length of a field',
  OFP_PORT_STATUS_DESC_OFFSET: "os-ken's own",
};

/** Names of ours that OpenFlow 1.4 does not have there: what Open vSwitch has of OpenFlow 1.5, and still of 1.1. */
const OURS = [
  'OFPXMT_OFB.packetType',
  'featuresReply.capabilities.bundles',
  'featuresReply.capabilities.flowMonitoring',
  ...Object.keys(OLDER_ACTIONS).map((name) => `packetOut.actions.${name}`),
];

/** The schema at the end of a path; lists and the like are no steps of it. */
function schemaAt(codec: AnyCodec, steps: readonly string[]): AnyCodec | undefined {
  const [step, ...others] = steps;
  if (step === undefined) return codec;
  const parts = namedPartsOf(codec);
  const named = parts.find(([name]) => name === step);
  if (named !== undefined) return schemaAt(named[1], others);
  for (const [name, part] of parts) {
    const found = name === '' ? schemaAt(part, steps) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function rootOf(name: string): AnyCodec | undefined {
  if (Object.hasOwn(MESSAGES, name)) return MESSAGES[name]![1];
  const [, kind, side] = /^(.*)(Request|Reply)$/.exec(name) ?? [];
  return Object.hasOwn(PARTS, kind ?? '') ? PARTS[kind as keyof typeof PARTS][side === 'Request' ? 1 : 2] : undefined;
}

/** The names at a place, with their numbers. */
function numbersAt(path: string): Numbers {
  const [root = '', ...steps] = path.split('.');
  const start = rootOf(root);
  let codec = start === undefined ? undefined : schemaAt(start, steps);
  if (codec?.form?.kind === 'list') codec = codec.form.item;
  switch (codec?.form?.kind) {
    case 'enumeration':
      return codec.form.codes;
    case 'flags':
      return codec.form.bits;
    case 'tagged':
    case 'choice':
      return Object.fromEntries(Object.entries(codec.form.variants).map(([name, [code]]) => [name, code]));
    default:
      throw new Error(`${path} has no names`);
  }
}

const plain = (name: string) => name.replaceAll('_', '').toLowerCase();

/** The longest prefix that names a place or a table. */
function prefixOf(constant: string): string | undefined {
  const words = constant.split('_');
  for (let count = words.length - 1; count > 0; count--) {
    const prefix = words.slice(0, count).join('_');
    if (prefix in PLACES || prefix in TABLES) return prefix;
  }
  return undefined;
}

test('every constant of OpenFlow 1.4 is a name of ours with the same number', async () => {
  const constants = await osKenConstants();
  const known = new Map<string, Map<string, [name: string, number: number]>>();
  for (const prefix of [...Object.keys(PLACES), ...Object.keys(TABLES)]) {
    const numbers = TABLES[prefix] ?? numbersAt(PLACES[prefix]!);
    known.set(prefix, new Map(Object.entries(numbers).map(([name, number]) => [plain(name), [name, number]])));
  }
  const wrong: string[] = [];
  const found = new Set<string>();
  for (const [constant, number] of Object.entries(constants)) {
    // Sizes of structures are os-ken's own constants.
    if (/_SIZE$/.test(constant) || constant in ELSEWHERE) continue;
    const prefix = prefixOf(constant);
    const name = RENAMED[constant] ?? (prefix === undefined ? '' : constant.slice(prefix.length + 1));
    const ours = known.get(prefix ?? '')?.get(plain(name));
    if (ours?.[1] === number) found.add(`${PLACES[prefix!] ?? prefix}.${ours[0]}`);
    else wrong.push(`${constant} = ${number}: ${ours === undefined ? 'no name of ours' : `${ours[0]} = ${ours[1]}`}`);
  }
  expect(wrong).toEqual([]);
  const more: string[] = [];
  for (const [prefix, names] of known) {
    for (const [name] of names.values()) {
      const place = `${PLACES[prefix] ?? prefix}.${name}`;
      if (!found.has(place)) more.push(place);
    }
  }
  expect([...new Set(more)].sort()).toEqual(OURS.sort());
});

test('what stands elsewhere is what os-ken has', async () => {
  const constants = await osKenConstants();
  expect(Object.keys(ELSEWHERE).filter((name) => !(name in constants))).toEqual([]);
  expect(constants).toMatchObject({
    OFP_VERSION: OPENFLOW_1_4,
    OFP_NO_BUFFER: NO_BUFFER,
    OFPCML_NO_BUFFER: WHOLE_PACKET,
  });
});

test('a mask of reasons has the bit of each reason', () => {
  const masks: Readonly<Record<string, Numbers>> = {
    packetIn: numbersAt('packetIn.reason'),
    portStatus: numbersAt('portStatus.reason'),
    flowRemoved: numbersAt('flowRemoved.reason'),
    roleStatus: numbersAt('roleStatus.reason'),
    tableStatus: numbersAt('tableStatus.reason'),
    requestForward: REQUESTFORWARD_REASONS,
  };
  for (const [name, reasons] of Object.entries(masks)) {
    const bits = Object.fromEntries(Object.entries(reasons).map(([reason, number]) => [reason, 1 << number]));
    expect(numbersAt(`setAsync.properties.${name}Slave.mask`)).toEqual(bits);
    expect(numbersAt(`setAsync.properties.${name}Master.mask`)).toEqual(bits);
  }
});
