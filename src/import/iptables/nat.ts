/** The table `nat` of iptables as NAT rules. */

import { addAddress, type Draft, deviceOf } from '../draft.ts';
import type { Conditions, IptablesRule } from './rule.ts';
import { type Leaf, leavesOf, type Table } from './ruleset.ts';

/** What never leaves a segment needs no exemption. */
const NEVER_ROUTED = /^(224\.0\.0\.0\/(4|24)|255\.255\.255\.255\/32|ff00::\/8|ff02::\/16)$/;

interface OneToOne {
  outside: string;
  inside: string;
  rule: IptablesRule;
  /** The way out is written, too. */
  isWhole: boolean;
}

export function readNat(table: Table, draft: Draft, router: string): void {
  const pairs: OneToOne[] = [];
  for (const leaf of leavesOf(table, 'PREROUTING', draft)) {
    const why = readInbound(leaf, draft, router, pairs);
    if (why !== undefined) tell(draft, leaf.rule, why);
  }
  const outbound = leavesOf(table, 'POSTROUTING', draft);
  for (const [i, leaf] of outbound.entries()) {
    const why = readOutbound(leaf, outbound.slice(i + 1), draft, router, pairs);
    if (why !== undefined) tell(draft, leaf.rule, why);
  }
  for (const { rule } of leavesOf(table, 'OUTPUT', draft)) {
    tell(draft, rule, 'the machine itself reaches what it forwards by its inside address');
  }
  for (const { outside, inside, rule, isWhole } of pairs) {
    if (isWhole) continue;
    tell(draft, rule, `only one way of ${outside} with ${inside} is written: \`one-to-one\` is both`);
  }
}

function tell(draft: Draft, { line, text }: IptablesRule, why: string): void {
  draft.unmapped.push({ place: `line ${line}`, text, why });
}

function say(draft: Draft, { line }: IptablesRule, text: string): void {
  if (!draft.nat.some((each) => each.text === text)) draft.nat.push({ text, place: `line ${line}` });
}

const bare = (address: string) => address.replace(/\/(32|128)$/, '');
const isOne = (address: string) => !bare(address).includes('/');

const ONLY_POSITIVE = 'translation knows no source ports, and says what it applies to, not what it does not';
const isOfSource = ({ notSource, sourcePorts }: Conditions) => notSource !== undefined || sourcePorts !== undefined;

function readInbound({ rule, conditions }: Leaf, draft: Draft, router: string, pairs: OneToOne[]): string | undefined {
  const { inDevice, source, destination, protocol, destinationPorts: ports } = conditions;
  if (conditions.notDestination !== undefined || isOfSource(conditions)) return ONLY_POSITIVE;
  if (rule.target === 'RETURN' || rule.target === 'ACCEPT') {
    return 'an exception from forwards has no counterpart: write the forwards that are meant';
  }
  const to = rule.options.get('to-destination');
  if (rule.target !== 'DNAT' || to === undefined) {
    return `\`-j ${rule.target}\` has no counterpart here`;
  }
  if (inDevice !== undefined) deviceOf(draft, inDevice);
  if (destination !== undefined && inDevice !== undefined)
    addAddress(deviceOf(draft, inDevice), `${bare(destination)}/32`);
  if (protocol === undefined && ports === undefined && destination !== undefined && isOne(destination)) {
    pairs.push({ outside: bare(destination), inside: to, rule, isWhole: false });
    return undefined;
  }
  if (protocol !== 'tcp' && protocol !== 'udp') return 'a forward is of tcp or of udp';
  if (ports === undefined) return 'a forward names its ports: `one-to-one` is for all of them';
  const place =
    destination === undefined ? (inDevice === undefined ? undefined : `${router}/${inDevice}`) : bare(destination);
  if (place === undefined) return 'it names neither an address nor a device: say on which it is';
  const from = source === undefined ? '' : ` from ${source}`;
  for (const port of ports.split(','))
    say(draft, rule, `forward ${protocol} ${place}:${port.replace(':', '-')}${from} to ${to}`);
  return undefined;
}

function readOutbound(
  { rule, conditions }: Leaf,
  after: readonly Leaf[],
  draft: Draft,
  router: string,
  pairs: OneToOne[],
): string | undefined {
  const { outDevice, notOutDevice, source, destination, notDestination, protocol } = conditions;
  if (isOfSource(conditions)) return ONLY_POSITIVE;
  const isExempt = rule.target === 'RETURN' || rule.target === 'ACCEPT';
  if (isExempt && destination !== undefined && NEVER_ROUTED.test(destination)) return undefined;
  if (protocol !== undefined) {
    // As libvirt writes it: tcp and udp first, for their ports, then the rest, which takes them all.
    const { protocol: _, ...rest } = conditions;
    const covers = (other: Leaf) =>
      other.rule.target === rule.target && JSON.stringify(other.conditions) === JSON.stringify(rest);
    if (after.some(covers)) return undefined;
    return 'translation is of all protocols alike';
  }
  const possible = outDevice === undefined ? outsOf(draft, source ?? notDestination) : [outDevice];
  const outs = possible.filter((name) => name !== notOutDevice);
  if (outs.length === 0) return 'no device is known that it could leave by: add `-o`';
  const from = source ?? '0.0.0.0/0';
  const given = rule.options.get('to-ports') ?? /:(\d+-\d+)$/.exec(rule.options.get('to-source') ?? '')?.[1];
  const ports = given === undefined || given === '1024-65535' ? '' : ` ports ${given}`;
  for (const out of outs) {
    const device = deviceOf(draft, out);
    if (notDestination !== undefined && notDestination !== source) {
      say(draft, rule, `exempt ${from} to ${notDestination} out ${router}/${out}`);
    }
    if (isExempt)
      say(draft, rule, `exempt ${from}${destination === undefined ? '' : ` to ${destination}`} out ${router}/${out}`);
    else if (destination !== undefined) tell(draft, rule, 'translation by destination: write `exempt` for the others');
    else if (rule.target === 'MASQUERADE') say(draft, rule, `masquerade ${from} out ${router}/${out}${ports}`);
    else if (rule.target === 'SNAT') {
      const to = (rule.options.get('to-source') ?? '').replace(/:\d+-\d+$/, '');
      if (!to.includes('-')) addAddress(device, `${to}/32`);
      const pair = pairs.find(({ outside, inside }) => outside === to && isOne(from) && inside === bare(from));
      if (pair === undefined)
        say(draft, rule, `snat ${from.includes('/') ? from : `${from}/32`} to ${to} out ${router}/${out}${ports}`);
      else if (!pair.isWhole) {
        pair.isWhole = true;
        say(draft, rule, `one-to-one ${pair.outside} with ${pair.inside}`);
      }
    } else tell(draft, rule, `\`-j ${rule.target}\` has no counterpart here`);
  }
  return undefined;
}

/** Those by which packets from there leave: all but the one that they come in by. */
function outsOf(draft: Draft, source: string | undefined): string[] {
  const devices = [...draft.devices.values()];
  return devices
    .filter(({ subnets, isVirtual }) => !isVirtual && !subnets.includes(source ?? ''))
    .map(({ name }) => name);
}
