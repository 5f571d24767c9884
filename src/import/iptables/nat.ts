/** The table `nat` of iptables as NAT rules. */

import { holds, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import { addAddress, type Device, type Draft, deviceOf } from '../draft.ts';
import type { Conditions, IptablesRule } from './rule.ts';
import { isNeverRouted, type Leaf, leavesOf, type Table, tellNeedless, tellOf } from './ruleset.ts';

interface OneToOne {
  outside: string;
  inside: string;
  rule: IptablesRule;
  /** The way out is written, too. */
  isWhole: boolean;
}

interface Reading {
  draft: Draft;
  router: string;
  /** All addresses of the family. */
  everybody: string;
  pairs: OneToOne[];
  /** To where forwards lead, by their lines. */
  forwarded: Map<string, IptablesRule>;
}

export function readNat(table: Table, draft: Draft, router: string, everybody: string): void {
  const reading: Reading = { draft, router, everybody, pairs: [], forwarded: new Map() };
  const { pairs } = reading;
  for (const leaf of leavesOf(table, 'PREROUTING', draft, true)) {
    const why = readInbound(leaf, reading);
    if (why !== undefined) tellOf(draft, leaf.rule, why);
  }
  const outbound = leavesOf(table, 'POSTROUTING', draft, true);
  for (const [i, leaf] of outbound.entries()) {
    const why = readOutbound(leaf, outbound.slice(i + 1), reading);
    if (why !== undefined) tellOf(draft, leaf.rule, why);
  }
  for (const { rule } of leavesOf(table, 'OUTPUT', draft, true)) {
    tellOf(draft, rule, 'the machine itself reaches what it forwards by its inside address');
  }
  for (const { outside, inside, rule, isWhole } of pairs) {
    if (isWhole) tellNeedless(draft, rule, `\`one-to-one\` of ${outside} is both ways`);
    else tellOf(draft, rule, `only one way of ${outside} with ${inside} is written: \`one-to-one\` is both`);
  }
}

function say(draft: Draft, rule: IptablesRule, text: string): void {
  const same = draft.nat.find((each) => each.text === text);
  if (same === undefined) draft.nat.push({ text, place: `line ${rule.line}` });
  else if (same.place !== `line ${rule.line}`) tellNeedless(draft, rule, `${same.place} says the same`);
}

const bare = (address: string) => address.replace(/\/(32|128)$/, '');
const isOne = (address: string) => !bare(address).includes('/');
/** As an endpoint writes it, with a port behind. */
const withPort = (address: string) => (address.includes(':') ? `[${address}]` : address);

/** A condition that a rule of NAT cannot have; what is translated is new anyhow. */
function unsaid({ states, ...conditions }: Conditions, said: readonly (keyof Conditions)[]): string | undefined {
  if (states !== undefined && !states.includes('NEW'))
    return `\`${states.join(',')}\`: only new connections are translated`;
  const [left] = Object.entries(conditions).filter(([key]) => !said.includes(key as keyof Conditions));
  return left && `\`${left.join(' ')}\` has no counterpart in a rule of NAT`;
}

function readInbound({ rule, conditions }: Leaf, reading: Reading): string | undefined {
  const { draft, router, pairs, forwarded } = reading;
  const { inDevice, notInDevice, source, destination, protocol, destinationPorts: ports } = conditions;
  if (rule.target === 'RETURN' || rule.target === 'ACCEPT') {
    return 'an exception from forwards has no counterpart: write the forwards that are meant';
  }
  const to = rule.options.get('to-destination');
  if (rule.target !== 'DNAT' || to === undefined) {
    return `\`-j ${rule.target}\` has no counterpart here`;
  }
  // A forward is of an address of the machine's own anyhow, and from wherever somebody comes to it.
  const said = [
    'inDevice',
    'notInDevice',
    'addressType',
    'source',
    'destination',
    'protocol',
    'destinationPorts',
  ] as const;
  const more = unsaid(conditions, said);
  if (more !== undefined) return more;
  if (inDevice === 'lo') return 'what a machine says to itself does not come here';
  if (destination !== undefined && !isOne(destination)) return 'a forward is of one address, or of a device';
  if (inDevice !== undefined) deviceOf(draft, inDevice);
  if (destination !== undefined && inDevice !== undefined) addAddress(draft, inDevice, bare(destination));
  if (protocol === undefined && ports === undefined && destination !== undefined) {
    if (source !== undefined) return '`one-to-one` is for everybody, not for `-s` alone';
    pairs.push({ outside: bare(destination), inside: to, rule, isWhole: false });
    return undefined;
  }
  if (protocol !== 'tcp' && protocol !== 'udp') return 'a forward is of tcp or of udp';
  if (ports === undefined) return 'a forward names its ports: `one-to-one` is for all of them';
  const devices =
    inDevice === undefined ? [...draft.devices.keys()].filter((name) => name !== notInDevice) : [inDevice];
  if (destination === undefined && inDevice === undefined && notInDevice === undefined)
    return 'it names neither an address nor a device: say on which it is';
  const places = destination === undefined ? devices.map((name) => `${router}/${name}`) : [withPort(bare(destination))];
  const from = source === undefined ? '' : ` from ${source}`;
  for (const place of places) {
    for (const port of ports.split(','))
      say(draft, rule, `forward ${protocol} ${place}:${port.replace(':', '-')}${from} to ${to}`);
  }
  forwarded.set(to.replace(/^\[([^\]]*)\].*$/, '$1').replace(/^([\d.]+):.*$/, '$1'), rule);
  return undefined;
}

function readOutbound({ rule, conditions }: Leaf, after: readonly Leaf[], reading: Reading): string | undefined {
  const { draft, router, everybody } = reading;
  const { source, destination, notDestination, protocol } = conditions;
  const isExempt = rule.target === 'RETURN' || rule.target === 'ACCEPT';
  if (!isExempt && rule.target !== 'MASQUERADE' && rule.target !== 'SNAT') {
    return `\`-j ${rule.target}\` has no counterpart here`;
  }
  if (isExempt && isNeverRouted({ conditions })) {
    tellNeedless(draft, rule, 'what is for the segment itself is never translated');
    return undefined;
  }
  const back = isExempt ? undefined : hairpinOf(conditions, reading);
  if (back !== undefined) {
    tellNeedless(draft, rule, `the forward of line ${back.line} takes its own segment's connections, too (hairpin)`);
    return undefined;
  }
  if (protocol !== undefined) {
    // As libvirt writes it: tcp and udp first, for their ports, then the rest, which takes them all.
    const { protocol: _, ...rest } = conditions;
    const all = after.find(
      (other) => other.rule.target === rule.target && JSON.stringify(other.conditions) === JSON.stringify(rest),
    );
    if (all === undefined) return 'translation is of all protocols alike';
    tellNeedless(draft, rule, `line ${all.rule.line} is of all protocols`);
    return undefined;
  }
  const more = unsaid(conditions, ['outDevice', 'notOutDevice', 'source', 'destination', 'notDestination']);
  if (more !== undefined) return more;
  if (isExempt && notDestination !== undefined) return '`! -d`: write `exempt` for where it does apply';
  if (!isExempt && destination !== undefined) return 'translation by destination: write `exempt` for the others';
  const outs = outsOf(conditions, draft);
  if (outs.length === 0) return 'no device is known that it could leave by: add `-o`';
  for (const out of outs) {
    deviceOf(draft, out);
    const from = prefixText(source ?? everybody);
    const leaving = ` out ${router}/${out}`;
    if (isExempt) say(draft, rule, `exempt ${from}${destination === undefined ? '' : ` to ${destination}`}${leaving}`);
    else {
      if (notDestination !== undefined && notDestination !== source)
        say(draft, rule, `exempt ${from} to ${notDestination}${leaving}`);
      translate(rule, from, out, reading);
    }
  }
  return undefined;
}

function translate(rule: IptablesRule, from: string, out: string, { draft, router, pairs }: Reading): void {
  const { address, ports } = givenBy(rule);
  const range = ports === undefined || ports === '1024-65535' ? '' : ` ports ${ports}`;
  if (rule.target === 'MASQUERADE') {
    say(draft, rule, `masquerade ${from} out ${router}/${out}${range}`);
    return;
  }
  const pair = pairs.find(({ outside, inside }) => outside === address && isOne(from) && inside === bare(from));
  addAddress(draft, out, address);
  if (pair === undefined) say(draft, rule, `snat ${from} to ${address} out ${router}/${out}${range}`);
  else if (pair.isWhole) tellNeedless(draft, rule, `\`one-to-one\` of ${address} is there already`);
  else {
    pair.isWhole = true;
    say(draft, rule, `one-to-one ${pair.outside} with ${pair.inside}`);
  }
}

/** `--to-source 192.0.2.1:1024-2000`, `--to-ports 1024-2000` */
function givenBy({ options }: IptablesRule): { address: string; ports: string | undefined } {
  const to = options.get('to-source') ?? '';
  const [, six, rest] = /^\[([^\]]*)\](?::(.*))?$/.exec(to) ?? [];
  const [, four, after] = /^([\d.-]+)(?::(.*))?$/.exec(to) ?? [];
  const ports = options.get('to-ports') ?? rest ?? after;
  return { address: six ?? four ?? to, ports: ports?.replace(/^(\d+)$/, '$1-$1') };
}

/** The forward to whose target it translates what comes from a network inside: those rules come with the forward. */
function hairpinOf({ source, destination, outDevice }: Conditions, { draft, forwarded, pairs }: Reading) {
  if (destination === undefined || !isOne(destination) || source === undefined) return undefined;
  const inside = bare(destination);
  const out = outDevice === undefined ? undefined : draft.devices.get(outDevice);
  if (out !== undefined && !isBehind(out, inside)) return undefined;
  return forwarded.get(inside) ?? pairs.find((pair) => pair.inside === inside)?.rule;
}

/** As far as it is known. */
function isBehind({ subnets, addresses }: Device, text: string): boolean {
  const read = parseIpPrefix(text);
  return read !== undefined && [...subnets, ...addresses].some((each) => holds(parseIpPrefix(each)!, read));
}

/** Those by which packets from there leave: all but the one that they come in by. */
function outsOf({ outDevice, notOutDevice, source, notDestination }: Conditions, draft: Draft): string[] {
  if (outDevice !== undefined) return notOutDevice === outDevice ? [] : [outDevice];
  const from = source ?? notDestination ?? '';
  return [...draft.devices.values()]
    .filter((device) => !device.isVirtual && device.name !== notOutDevice && !isBehind(device, from))
    .map(({ name }) => name);
}

const prefixText = (text: string) => (text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`);
