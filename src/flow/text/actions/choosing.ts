/** multipath, bundle, bundle_load and sample: what goes where by a hash, or by chance (ovs-actions(7)). */

import type { Action } from '../../../../proto/openflow/action.ts';
import { fault, hint, shortened } from '../fault.ts';
import { decimalIn, numberIn } from '../numbers.ts';
import { formatPort, parsePort, shortPort } from '../port-words.ts';
import { cut, isEmpty, type Slice, textOf, trimmed } from '../slice.ts';
import { formatSubfield, parseSubfield64, withShortHeader } from '../subfield.ts';
import type { Word } from '../words.ts';
import { type ActionOf, type Actions, type Context, options } from './kinds.ts';

const FIELDS = {
  ethSrc: 'eth_src',
  symmetricL4: 'symmetric_l4',
  symmetricL3l4: 'symmetric_l3l4',
  symmetricL3l4Udp: 'symmetric_l3l4+udp',
  nwSrc: 'nw_src',
  nwDst: 'nw_dst',
  symmetricL3: 'symmetric_l3',
} as const;

const LINKS = { moduloN: 'modulo_n', hashThreshold: 'hash_threshold', hrw: 'hrw', iterHash: 'iter_hash' } as const;
const MEMBERS = { activeBackup: 'active_backup', hrw: 'hrw' } as const;

/** A number where no name is known. */
function word(table: Readonly<Record<string, string>>, name: string | number): string {
  return typeof name === 'number' ? String(name) : table[name]!;
}

/** The name in the table that the text stands for. */
function named<const T extends Readonly<Record<string, string>>>(
  slice: Slice,
  table: T,
  what: string,
): keyof T & string {
  const text = textOf(slice).toLowerCase();
  for (const name of Object.keys(table)) if (table[name] === text) return name;
  throw fault(slice, `"${shortened(text)}" names no ${what}${hint(text, Object.values(table))}`);
}

/** Arguments by their places, with or without spaces around them. */
function places(slice: Slice): Slice[] {
  return cut(slice, ',').map(trimmed);
}

function formatMultipath({ fields, basis, algorithm, maxLink, arg, to }: ActionOf<'multipath'>): string {
  const numbers = `${basis},${word(LINKS, algorithm)},${maxLink + 1},${arg}`;
  return `multipath(${word(FIELDS, fields)},${numbers},${formatSubfield(to)})`;
}

function parseMultipath({ value }: Word): Action[] {
  const args = places(value);
  if (args.length !== 6) throw fault(value, 'multipath(FIELDS,BASIS,ALGORITHM,LINKS,ARG,FIELD[…]) needs all six');
  const [fields, basis, algorithm, links, arg, target] = args as [Slice, Slice, Slice, Slice, Slice, Slice];
  const count = decimalIn(links, 32, 'the number of links');
  if (count < 1 || count > 0x10000) throw fault(links, 'there are 1 to 65536 links');
  const to = withShortHeader(target, parseSubfield64(target));
  if (to.bits < 16 && count > 1 << to.bits)
    throw fault(target, `${textOf(target)} has room for ${1 << to.bits} links, not ${count}`);
  return [
    {
      type: 'multipath',
      fields: named(fields, FIELDS, 'fields to hash'),
      basis: decimalIn(basis, 16, 'the basis'),
      algorithm: named(algorithm, LINKS, 'algorithm'),
      maxLink: count - 1,
      arg: decimalIn(arg, 32, 'the argument'),
      to,
    },
  ];
}

type Choice = Omit<ActionOf<'bundle'>, 'type'>;

function formatBundle(name: string, { fields, basis, algorithm, members }: Choice, target: string): string {
  const ports = members.map(formatPort).join(',');
  return `${name}(${word(FIELDS, fields)},${basis},${word(MEMBERS, algorithm)},ofport,${target}members:${ports})`;
}

/** `members:` was `slaves:`. */
function parseBundle(loads: boolean) {
  return ({ key, name, value }: Word, { names }: Context): Action[] => {
    const args = places(value);
    const at = loads ? 5 : 4;
    const first = args[at];
    const members = first === undefined ? null : /^(members|slaves)\s*:/i.exec(textOf(first));
    if (first === undefined || members === null) {
      throw fault(
        key,
        `${name} is written ${name}(FIELDS,BASIS,ALGORITHM,ofport,${loads ? 'FIELD[…],' : ''}members:PORT,…)`,
      );
    }
    const [fields, basis, algorithm, kind] = args as [Slice, Slice, Slice, Slice];
    if (textOf(kind) !== 'ofport') throw fault(kind, 'members can only be ports: write ofport');
    const after = { ...value, start: first.start + members[0].length };
    const ports = cut(after, ', []').filter((port) => !isEmpty(port));
    const choice: Choice = {
      fields: named(fields, FIELDS, 'fields to hash'),
      basis: decimalIn(basis, 16, 'the basis'),
      algorithm: named(algorithm, MEMBERS, 'algorithm'),
      members: ports.map((port) => shortPort(parsePort(port, names))) as Choice['members'],
    };
    if (!loads) return [{ type: 'bundle', ...choice }];
    const target = args[4]!;
    return [{ type: 'bundleLoad', ...choice, to: withShortHeader(target, parseSubfield64(target)) }];
  };
}

function formatSample(action: ActionOf<'sample'>, tail = ''): string {
  const { probability, collectorSetId, obsDomainId, obsPointId } = action;
  return `sample(probability=${probability},collector_set_id=${collectorSetId},obs_domain_id=${obsDomainId},obs_point_id=${obsPointId}${tail})`;
}

function formatSample2({ samplingPort, ...rest }: Omit<ActionOf<'sample2'>, 'type'>, direction = ''): string {
  const port = samplingPort === 'any' ? '' : `,sampling_port=${formatPort(samplingPort)}`;
  return formatSample({ ...rest, type: 'sample' }, port + direction);
}

/** The oldest form that says all. */
function parseSample({ key, value }: Word, { names }: Context): Action[] {
  const common = { probability: 0, collectorSetId: 0, obsDomainId: 0, obsPointId: 0 };
  let samplingPort: ActionOf<'sample2'>['samplingPort'] = 'any';
  let direction: 'default' | 'ingress' | 'egress' = 'default';
  options(value, 'sample', {
    probability: (each) => {
      common.probability = numberIn(each.value, 16, 'probability');
    },
    collector_set_id: (each) => {
      common.collectorSetId = numberIn(each.value, 32, 'collector_set_id');
    },
    obs_domain_id: (each) => {
      common.obsDomainId = numberIn(each.value, 32, 'obs_domain_id');
    },
    obs_point_id: (each) => {
      common.obsPointId = numberIn(each.value, 32, 'obs_point_id');
    },
    sampling_port: (each) => {
      samplingPort = shortPort(parsePort(each.value, names)) as typeof samplingPort;
    },
    ingress: () => {
      direction = 'ingress';
    },
    egress: () => {
      direction = 'egress';
    },
  });
  if (common.probability === 0) throw fault(key, 'sample needs a probability of 1 to 65535');
  if (direction !== 'default') return [{ type: 'sample3', ...common, samplingPort, direction }];
  return [samplingPort === 'any' ? { type: 'sample', ...common } : { type: 'sample2', ...common, samplingPort }];
}

export const CHOOSING: Actions = {
  print: {
    multipath: formatMultipath,
    bundle: (action) => formatBundle('bundle', action, ''),
    bundleLoad: (action) => formatBundle('bundle_load', action, `${formatSubfield(action.to)},`),
    sample: (action) => formatSample(action),
    sample2: (action) => formatSample2(action),
    sample3: ({ direction, ...rest }) =>
      formatSample2(rest, direction === 'ingress' || direction === 'egress' ? `,${direction}` : ''),
  },
  parse: {
    multipath: parseMultipath,
    bundle: parseBundle(false),
    bundle_load: parseBundle(true),
    sample: parseSample,
  },
};
