/** The table `filter` of iptables as policies and rules: INPUT is to `fw`, OUTPUT from it, FORWARD between the others. */

import { serviceNamed } from '../../config/firewall/services.ts';
import { type Draft, deviceOf, firewallOf, type Sentence } from '../draft.ts';
import { logLevel } from '../log-level.ts';
import type { Conditions } from './rule.ts';
import { type Leaf, leavesOf, type Table, tellNeedless, tellOf } from './ruleset.ts';

type Hook = 'INPUT' | 'OUTPUT' | 'FORWARD';

const ACTIONS: Readonly<Record<string, string>> = { ACCEPT: 'accept', DROP: 'drop', REJECT: 'reject' };
const PING = { icmp: ['8', 'echo-request', '8/0'], icmpv6: ['128', 'echo-request', '128/0'] } as const;
/** netfilter's, where none is written. */
const BURST = '5';

export function readFilter(table: Table, draft: Draft): void {
  const firewall = firewallOf(draft);
  const rules: Record<Hook, Sentence[]> = { INPUT: [], OUTPUT: [], FORWARD: [] };
  const logs: Record<Hook, string> = { INPUT: '', OUTPUT: '', FORWARD: '' };
  for (const hook of ['INPUT', 'OUTPUT', 'FORWARD'] as const) {
    const leaves = leavesOf(table, hook, draft);
    /** Lines that let established connections pass, so that limits of those after them count new ones alone. */
    const established: Conditions[] = [];
    const take = (leaf: Leaf, log: string) => {
      const isOfPackets = !established.some((each) => covers(each, leaf.conditions));
      const why = readRule({ hook, leaf, log, isOfPackets, into: rules[hook], draft });
      if (why !== undefined) tellOf(draft, leaf.rule, why);
      const { states, ...rest } = leaf.conditions;
      if (leaf.rule.target === 'ACCEPT' && states?.includes('ESTABLISHED') === true) established.push(rest);
    };
    for (let i = 0; i < leaves.length; i++) {
      const leaf = leaves[i]!;
      const next = leaves[i + 1];
      if (leaf.rule.target === 'LOG') {
        const isLast = next === undefined && Object.keys(withoutLimit(leaf.conditions)).length === 0;
        if (isLast) {
          logs[hook] = logWords(leaf);
          tellNeedless(draft, leaf.rule, `it is \`log\` of the policy of ${hook}`);
        } else if (
          next !== undefined &&
          ACTIONS[next.rule.target] !== undefined &&
          isSame(leaf.conditions, next.conditions)
        ) {
          take(next, logWords(leaf));
          tellNeedless(draft, leaf.rule, `it is \`log\` of line ${next.rule.line}`);
          i++;
        } else tellOf(draft, leaf.rule, 'what is logged has its verdict in another line: put `log` at that one');
      } else take(leaf, '');
    }
  }
  const policyOf = (hook: Hook, pair: string): Sentence[] => {
    const chain = table.get(hook);
    if (chain === undefined) return [];
    return [{ text: `${pair} ${ACTIONS[chain.policy] ?? 'accept'}${logs[hook]}`, place: `line ${chain.line}` }];
  };
  const input = policyOf('INPUT', 'all to fw');
  const output = policyOf('OUTPUT', 'fw to all');
  // `all` is `fw` as well: what is said of all others must not meet the machine itself.
  const meetsAll = rules.FORWARD.some(({ text }) => / (from|to) all\b/.test(text));
  const ends = meetsAll ? [...output, ...input].map(asRule) : [];
  firewall.rules.push(...rules.OUTPUT, ...rules.INPUT, ...ends, ...rules.FORWARD);
  firewall.policy.push(...output, ...input, ...policyOf('FORWARD', 'all to all'));
  for (const name of draft.devices.keys()) if (!firewall.zones.has(name)) firewall.zones.set(name, [name]);
}

/** `all to fw drop` → `drop all from all to fw` */
function asRule({ text, place }: Sentence): Sentence {
  const [from, , to, action, ...rest] = text.split(' ');
  return { text: [action, 'all from', from, 'to', to, ...rest].join(' '), place };
}

/** What the second matches the first matches, too. */
function covers(first: Conditions, second: Conditions): boolean {
  return Object.entries(first).every(([key, value]) => second[key as keyof Conditions] === value);
}

function withoutLimit({ limit: _, burst: __, ...rest }: Conditions): Conditions {
  return rest;
}

function isSame(a: Conditions, b: Conditions): boolean {
  const text = (conditions: Conditions) => JSON.stringify(Object.entries(withoutLimit(conditions)).toSorted());
  return text(a) === text(b);
}

function logWords({ rule, conditions }: Leaf): string {
  const level = rule.options.get('log-level');
  const prefix = rule.options.get('log-prefix')?.trim();
  const name = level === undefined ? '' : ` ${logLevel(level)}`;
  const { limit, burst } = conditions;
  const rate = limit === undefined ? '' : ` limit ${limitText(limit)}${burst === undefined ? '' : ` burst ${burst}`}`;
  return ` log${name}${prefix ? ` prefix ${JSON.stringify(prefix.replace(/\p{Cc}/gu, ' '))}` : ''}${rate}`;
}

function limitText(limit: string): string {
  return limit
    .replace(/\/s(ec(ond)?)?$/, '/s')
    .replace(/\/m(in(ute)?)?$/, '/min')
    .replace(/\/h(our)?$/, '/hour')
    .replace(/\/d(ay)?$/, '/day');
}

interface Taking {
  hook: Hook;
  leaf: Leaf;
  log: string;
  /** No line before lets established connections pass: its limit counts all packets. */
  isOfPackets: boolean;
  into: Sentence[];
  draft: Draft;
}

/** Why it cannot be taken; undefined: it is, or it needs no rule. */
function readRule({ hook, leaf: { rule, conditions }, log, isOfPackets, into, draft }: Taking): string | undefined {
  const { inDevice, outDevice, source, notSource, destination, notDestination } = conditions;
  const { notInDevice, notOutDevice, states, limit, longerThan } = conditions;
  const action = ACTIONS[rule.target];
  if (action === undefined) return `\`-j ${rule.target}\` has no counterpart here`;
  // What belongs to a connection that a rule let in passes by itself; what belongs to none is dropped.
  if (inDevice === 'lo' || outDevice === 'lo') {
    tellNeedless(draft, rule, 'what a machine says to itself does not come here');
    return undefined;
  }
  if (action === 'accept' && states?.includes('DNAT')) return '`DNAT`: each forward needs a rule of its own';
  if (states !== undefined && !states.includes('NEW')) {
    const isOwn =
      action === 'accept' ? states.every((each) => /^(ESTABLISHED|RELATED)$/.test(each)) : states.join() === 'INVALID';
    if (!isOwn) return `\`${states.join(',')}\`: established connections pass, what is invalid does not`;
    tellNeedless(draft, rule, 'what belongs to a connection that was let in passes, what belongs to none does not');
    return undefined;
  }
  if (conditions.addressType !== undefined && hook !== 'INPUT')
    return '`--dst-type LOCAL`: what is for the machine itself is rules of INPUT';
  const service = serviceOf(conditions);
  if (service === undefined) return `protocol \`${conditions.protocol}\` with these ports has no counterpart`;
  const rate = limit === undefined ? '' : rateOf(conditions, isOfPackets && states === undefined);
  if (rate === undefined) return `\`--limit ${limit}\` counts all packets: a rule counts those of a second at least`;
  for (const name of [inDevice, outDevice]) if (name !== undefined) deviceOf(draft, name);
  const ins = hook === 'OUTPUT' ? ['fw'] : zonesOf(inDevice, notInDevice, draft);
  const outs = hook === 'INPUT' ? ['fw'] : zonesOf(outDevice, notOutDevice, draft);
  const over = longerThan === undefined ? '' : ` over ${longerThan} bytes`;
  if ([inDevice, outDevice].some((name, i) => name !== undefined && name === [notInDevice, notOutDevice][i])) {
    tellNeedless(draft, rule, 'it never applies where its chain is called');
    return undefined;
  }
  if (ins.length === 0 || outs.length === 0) return 'no other device is known';
  for (const zone of ins) {
    for (const target of outs) {
      const between = `from ${side(zone, source, notSource)} to ${side(target, destination, notDestination)}`;
      into.push({ text: `${action} ${service} ${between}${rate}${over}${log}`, place: `line ${rule.line}` });
    }
  }
  return undefined;
}

/** Of a device, of all but one, or all. */
function zonesOf(device: string | undefined, not: string | undefined, { devices }: Draft): string[] {
  if (device !== undefined) return device === not ? [] : [device];
  return not === undefined || not === 'lo' ? ['all'] : [...devices.keys()].filter((name) => name !== not);
}

/** `loc`, `loc:10.0.0.1`, `loc:10.0.0.0/8!10.0.0.1` */
function side(zone: string, address = '', not?: string): string {
  const bare = (text: string) => text.replace(/\/(32|128)$/, '');
  const list = `${bare(address)}${not === undefined ? '' : `!${bare(not)}`}`;
  return list === '' ? zone : `${zone}:${list}`;
}

/** undefined: it cannot be said. */
function rateOf({ limit = '', burst }: Conditions, isOfPackets: boolean): string | undefined {
  const text = limitText(limit);
  if (!isOfPackets) return ` limit ${text}${burst === undefined ? '' : ` burst ${burst}`}`;
  const [, count] = /^(\d+)\/s$/.exec(text) ?? [];
  return count && ` limit ${count} packets/s burst ${burst ?? BURST}`;
}

/** In the words of a rule; undefined: it has none. */
function serviceOf({ protocol, destinationPorts, sourcePorts, icmpType }: Conditions): string | undefined {
  const ports = destinationPorts?.replaceAll(':', '-');
  if (sourcePorts !== undefined) {
    if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') return undefined;
    return `${protocol}${ports === undefined ? '' : ` ${ports}`} source ${sourcePorts.replaceAll(':', '-')}`;
  }
  if (protocol === undefined) return ports === undefined ? 'all' : undefined;
  if (/^(icmp|ipv6-icmp|icmpv6)$/.test(protocol)) {
    const name = protocol === 'icmp' ? 'icmp' : 'icmpv6';
    if (icmpType === undefined) return name;
    if ((PING[name] as readonly string[]).includes(icmpType)) return 'ping';
    return /^\d+$/.test(icmpType) ? `${name} ${icmpType}` : undefined;
  }
  if (protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp') {
    if (ports === undefined) return protocol;
    return serviceNamed(protocol, ports) ?? `${protocol} ${ports}`;
  }
  if (ports !== undefined) return undefined;
  return /^\d+$/.test(protocol) ? `protocol ${protocol}` : protocol;
}
