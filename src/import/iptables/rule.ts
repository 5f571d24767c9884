/** A line of iptables-save(8) as data: what it matches, and what its target does. */

import { INTERFACE_NAME_PATTERN, NAME_PATTERN } from '../../config/schema-values.ts';

/** What a packet must be; several lines' conditions hold together where chains call chains. */
export interface Conditions {
  inDevice?: string;
  outDevice?: string;
  /** `! -i`, `! -o`: by any but that. */
  notInDevice?: string;
  notOutDevice?: string;
  source?: string;
  destination?: string;
  /** `! -s`, `! -d`: everywhere but there. */
  notSource?: string;
  notDestination?: string;
  protocol?: string;
  /** `80`, `5000:5010`, `25,110,143` */
  destinationPorts?: string;
  sourcePorts?: string;
  icmpType?: string;
  /** Of the destination: `LOCAL`, one of the machine's own. */
  addressType?: string;
  /** conntrack's states. */
  states?: string[];
  /** `3/min`, and how many at once. */
  limit?: string;
  burst?: string;
  /** IP length, at least. */
  longerThan?: number;
}

export interface IptablesRule {
  line: number;
  text: string;
  chain: string;
  conditions: Conditions;
  target: string;
  isGoto: boolean;
  /** Options of the target, without their dashes. */
  options: Map<string, string>;
  /** Why it cannot be taken; undefined: it can. */
  unknown: string | undefined;
  /** Packets come to it: its chain is a hook's, or called. */
  isMet: boolean;
}

const PLAIN = new Map<string, keyof Conditions>([
  ['-i', 'inDevice'],
  ['--in-interface', 'inDevice'],
  ['-o', 'outDevice'],
  ['--out-interface', 'outDevice'],
  ['-s', 'source'],
  ['--source', 'source'],
  ['-d', 'destination'],
  ['--destination', 'destination'],
  ['-p', 'protocol'],
  ['--protocol', 'protocol'],
  ['--dport', 'destinationPorts'],
  ['--dports', 'destinationPorts'],
  ['--sport', 'sourcePorts'],
  ['--sports', 'sourcePorts'],
  ['--src-range', 'source'],
  ['--dst-range', 'destination'],
  ['--destination-port', 'destinationPorts'],
  ['--destination-ports', 'destinationPorts'],
  ['--icmp-type', 'icmpType'],
  ['--icmpv6-type', 'icmpType'],
  ['--dst-type', 'addressType'],
  ['--limit', 'limit'],
  ['--limit-burst', 'burst'],
]);
/** `--syn`, and as iptables-save writes it: rules are about packets that begin a connection. */
const SYN = /^(FIN,)?SYN,RST,ACK SYN$/;
const HARMLESS_MODULES = [
  'tcp',
  'udp',
  'icmp',
  'icmp6',
  'multiport',
  'conntrack',
  'state',
  'limit',
  'comment',
  'length',
  'iprange',
  'addrtype',
];
const TARGET_OPTIONS =
  /^--(to-source|to-destination|to-ports|to|reject-with|log-prefix|log-level|log-[a-z-]+|random(-fully)?|persistent)$/;
const FLAGS = /^--(random|random-fully|persistent|log-tcp-sequence|log-tcp-options|log-ip-options|log-uid)$/;
/** What says nothing. */
const ANY = new Set(['0.0.0.0/0', '::/0']);
/** What may stand behind a `!`. */
const NEGATED: Readonly<
  Partial<Record<keyof Conditions, 'notSource' | 'notDestination' | 'notInDevice' | 'notOutDevice'>>
> = {
  source: 'notSource',
  destination: 'notDestination',
  inDevice: 'notInDevice',
  outDevice: 'notOutDevice',
};
/** Of the file. */
const RESERVED = ['fw', 'all'];

export function parseRule(text: string, line: number): IptablesRule {
  const [, chain = '', ...words] = splitWords(text);
  const conditions: Conditions = {};
  const options = new Map<string, string>();
  const rule: IptablesRule = {
    ...{ line, text, chain, conditions, options },
    ...{ target: '', isGoto: false, unknown: undefined, isMet: false },
  };
  const refuse = (why: string) => {
    rule.unknown ??= why;
  };
  for (let i = 0; i < words.length; i++) {
    const not = words[i] === '!';
    if (not) i++;
    const word = words[i] ?? '';
    const value = words[i + 1] ?? '';
    const plain = PLAIN.get(word);
    const negated = plain === undefined ? undefined : NEGATED[plain];
    if (word === '') refuse('it ends with `!`');
    else if (not && negated === undefined) {
      refuse(`\`! ${word}\`: a rule says what it applies to, not what it does not`);
      if (!value.startsWith('-')) i++;
    } else if (plain !== undefined) {
      i++;
      if (conditions[plain] !== undefined) refuse(`\`${word}\` beside another ${plain} has no counterpart`);
      else if (not && negated !== undefined) conditions[negated] = value;
      else if (!isAny(plain, value)) conditions[plain] = value as never;
    } else if (word === '-m' || word === '--match') {
      i++;
      if (!HARMLESS_MODULES.includes(value)) refuse(`\`-m ${value}\` has no counterpart`);
    } else if (word === '--ctstate' || word === '--state') {
      i++;
      conditions.states = value.split(',');
    } else if (word === '--length') {
      i++;
      const least = /^(\d+):(65535)?$/.exec(value)?.[1];
      if (least === undefined) refuse('`--length` with an upper bound has no counterpart');
      else conditions.longerThan = Number(least) - 1;
    } else if (word === '--comment') i++;
    else if (word === '--tcp-flags') {
      const flags = `${value} ${words[i + 2]}`;
      i += 2;
      if (!SYN.test(flags)) refuse(`\`--tcp-flags ${flags}\` has no counterpart`);
    } else if (word === '--syn') continue;
    else if (word === '-j' || word === '-g' || word === '--jump' || word === '--goto') {
      i++;
      rule.target = value;
      rule.isGoto = word === '-g' || word === '--goto';
    } else if (FLAGS.test(word)) options.set(word.slice(2), '');
    else if (TARGET_OPTIONS.test(word)) {
      i++;
      options.set(word.slice(2), value);
    } else {
      // What an unknown option is followed by is its value, unless it is an option itself.
      if (!value.startsWith('-') && value !== '!') i++;
      refuse(`\`${word}\` has no counterpart`);
    }
  }
  if (conditions.addressType !== undefined && conditions.addressType !== 'LOCAL')
    refuse(`\`--dst-type ${conditions.addressType}\` has no counterpart`);
  for (const key of ['inDevice', 'outDevice', 'notInDevice', 'notOutDevice'] as const) {
    const device = conditions[key];
    if (device?.endsWith('+')) refuse(`\`${device}\` stands for several devices: write a rule for each`);
    else if (device !== undefined && !isDeviceName(device)) refuse(`\`${device}\` is no name of a segment or zone`);
  }
  return rule;
}

/** Which the file can have as it is. */
export function isDeviceName(name: string): boolean {
  return NAME_PATTERN.test(name) && INTERFACE_NAME_PATTERN.test(name) && !RESERVED.includes(name);
}

function isAny(condition: keyof Conditions, value: string): boolean {
  if (condition === 'protocol') return value === 'all' || value === '0';
  return condition === 'icmpType' ? value === 'any' || value === '255' : ANY.has(value);
}

/** As the shell reads them: quoted ones may have spaces. */
function splitWords(text: string): string[] {
  return Array.from(text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g), ([, quoted, bare]) =>
    quoted === undefined ? bare! : quoted.replace(/\\(.)/g, '$1'),
  );
}

/** Both hold; undefined: both cannot; a text: they can, and it cannot be said in one rule. */
export function both(a: Conditions, b: Conditions): Conditions | undefined | string {
  const together: Conditions = { ...a };
  for (const [key, value] of Object.entries(b) as [keyof Conditions, never][]) {
    const other = a[key];
    if (other === undefined || String(other) === String(value)) together[key] = value;
    else if (key === 'inDevice' || key === 'outDevice' || key === 'protocol') return undefined;
    else return `its chain is called for another ${key}: \`${String(other)}\``;
  }
  return together;
}
