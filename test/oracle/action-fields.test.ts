// Every field in every place where an action names one: the header that Open vSwitch writes there is the one we know.
import { beforeAll, expect, test } from 'vitest';
import type { Action } from '../../proto/openflow/action.ts';
import { decodeMessage, encodeMessage, type MessageOf } from '../../proto/openflow/message.ts';
import { FIELD_NAMES, type FieldName, fieldRow } from '../../proto/openflow/oxm-fields.ts';
import { PREREQUISITES } from '../../proto/openflow/prerequisites.ts';
import { captureFlowMods } from './capture-flow-mods.ts';

/** Fields of OpenFlow 1.4 that Open vSwitch 3.1 does not have. */
const NOT_IN_OVS: readonly string[] = ['inPhyPort', 'pbbIsid', 'pbbUca', 'ipv6Exthdr'];
/** In actions the port has 16 bits, and is `nxmInPort`. */
const NOT_IN_ACTIONS: readonly string[] = ['inPort'];

const isShort = (name: FieldName) =>
  fieldRow(name).nxm !== undefined || fieldRow(name).header.experimenter === undefined;

/** What the flow must match for the field to mean something. */
function matchFor(name: FieldName): string {
  const { prerequisite } = fieldRow(name);
  if (prerequisite === undefined) return name === 'vlanVid' || name === 'vlanPcp' ? 'vlan_vid=0x1000/0x1000' : 'ip';
  const fields: Readonly<Record<string, readonly (number | { set: number; clear?: number })[]>> =
    PREREQUISITES[prerequisite].fields;
  return FIELD_NAMES.flatMap((each) => {
    const wanted = fields[each]?.[0];
    if (wanted === undefined) return [];
    const { ovs, maskable } = fieldRow(each);
    if (typeof wanted === 'number') return [`${ovs}=${wanted}`];
    return [maskable ? `${ovs}=${wanted.set}/${wanted.set | (wanted.clear ?? 0)}` : `${ovs}=${wanted.set}`];
  }).join(',');
}

/** `dl_vlan_pcp` is a word of matches, without a header of its own. */
const ovsName = (name: FieldName) => (name === 'vlanPcp' ? 'vlan_pcp' : fieldRow(name).ovs);

interface Place {
  text(field: string): string;
  names(action: Action): unknown;
  holds(name: FieldName): boolean;
}

const PLACES: Place[] = [
  {
    text: (field) => `push:${field}[0]`,
    names: (action) => action.type === 'stackPush' && action.from.field,
    holds: () => true,
  },
  {
    text: (field) => `move:${field}[0]->NXM_NX_REG7[3]`,
    names: (action) => action.type === 'regMove' && action.from.field,
    holds: () => true,
  },
  {
    text: (field) => `learn(table=1,load:${field}[0]->NXM_NX_REG7[3])`,
    names: (action) => {
      const spec = action.type === 'learn' ? action.specs[0] : undefined;
      return spec !== undefined && 'field' in spec.source && spec.source.field;
    },
    holds: isShort,
  },
  {
    text: (field) => `output:${field}[0]`,
    names: (action) => (action.type === 'outputReg' || action.type === 'outputReg2') && action.from.field,
    holds: () => true,
  },
  {
    text: (field) => `load:1->${field}[0]`,
    names: (action) => (action.type === 'regLoad' ? action.to.field : action.type === 'regLoad2' && action.field),
    // Those two are written inside ct alone.
    holds: (name) => name !== 'ctMark' && name !== 'ctLabel',
  },
];

const fields = FIELD_NAMES.filter((name) => !NOT_IN_OVS.includes(name) && !NOT_IN_ACTIONS.includes(name));
const cases = PLACES.flatMap((place) => fields.filter(place.holds).map((name) => ({ place, name })));
let theirs: Uint8Array[] = [];

beforeAll(async () => {
  theirs = await captureFlowMods(
    cases.map(({ place, name }) => `${matchFor(name)} actions=${place.text(ovsName(name))}`),
  );
});

test('a field that Open vSwitch names in an action is the one that we read there, and write', () => {
  const wrong = cases.flatMap(({ place, name }, i) => {
    const bytes = theirs[i]!;
    const message = decodeMessage(bytes) as MessageOf<'flowMod'>;
    const [instruction] = message.instructions;
    const [action] = instruction?.type === 'applyActions' ? instruction.actions : [];
    const found = action === undefined ? undefined : place.names(action);
    const same = Buffer.from(encodeMessage(message)).equals(bytes);
    return found === name && same ? [] : [`${place.text(name)}: ${String(found)}`];
  });
  expect(wrong).toEqual([]);
  expect(cases.length).toBeGreaterThan(500);
});
