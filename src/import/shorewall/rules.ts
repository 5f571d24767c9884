/** Shorewall's `rules` (shorewall-rules(5)): rules of the firewall, and forwards with the rule that lets them in. */

import { serviceText } from '../../config/firewall/protocols.ts';
import { SERVICES } from '../../config/firewall/services.ts';
import { addAddress, type Draft, deviceOf, firewallOf } from '../draft.ts';
import { logWords } from './log.ts';
import { columnService, macroService } from './services.ts';
import type { Row } from './tables.ts';

export interface Zones {
  /** The name of the zone of type `firewall`. */
  firewall: string;
  router: string;
  /** Devices of a zone. */
  devicesOf(zone: string): readonly string[];
}

const ACTIONS: Readonly<Record<string, string>> = { ACCEPT: 'accept', DROP: 'drop', REJECT: 'reject' };
/** The sections whose rules are about packets that begin a connection. */
const OF_NEW = ['ALL', 'NEW', 'UNTRACKED'];

/** Why it cannot be taken; undefined: it is. */
export function readRule(row: Row, draft: Draft, zones: Zones): string | undefined {
  const [action = '', source, dest, protocol, ports, sourcePorts, original, rate, ...others] = row.columns;
  const { verb, macro, log } = readAction(action);
  if (needsNoRule(row.section, verb, macro)) return undefined;
  if (row.section !== undefined && !OF_NEW.includes(row.section))
    return `section ${row.section}: established connections pass, what is invalid does not`;
  if (others.some((each) => each !== undefined)) return 'its columns after RATE have no counterpart';
  const service = serviceIn(macro, protocol, ports, sourcePorts);
  if (service === undefined) {
    return macro === undefined
      ? `protocol ${protocol} with these ports has no counterpart`
      : `macro ${macro} is not known: write its ports`;
  }
  const from = sideOf(source, zones);
  const to = sideOf(dest, zones);
  if (from === undefined || to === undefined) return 'SOURCE and DEST are `zone`, `zone:address` or `all`';
  const more = limitWords(rate);
  if (more === undefined) return `rate \`${rate}\` has no counterpart`;
  const { rules } = firewallOf(draft);
  if (verb === 'DNAT' || verb === 'DNAT-' || verb === 'REDIRECT') {
    if (verb === 'REDIRECT') return 'redirection to the firewall itself has no counterpart';
    const forwarded = readForward(row, draft, zones, service);
    if (typeof forwarded === 'string') return forwarded;
    if (verb === 'DNAT') {
      const target = `${to.split(':')[0]}:${forwarded.address}`;
      rules.push({ text: `accept ${forwarded.service} from ${from} to ${target}${more}${log}`, place: row.place });
    }
    return undefined;
  }
  const word = ACTIONS[verb];
  if (word === undefined) return `action ${verb} has no counterpart`;
  if (original !== undefined) return 'ORIGDEST stands at forwards only';
  rules.push({ text: `${word} ${service} from ${from} to ${to}${more}${log}`, place: row.place });
  return undefined;
}

/** What belongs to a connection that a rule let in passes by itself; what belongs to none is dropped. */
function needsNoRule(section: string | undefined, verb: string, macro: string | undefined): boolean {
  if (section === 'ESTABLISHED' || section === 'RELATED') return verb === 'ACCEPT';
  return verb === 'DROP' && (section === 'INVALID' || macro?.toLowerCase() === 'invalid');
}

function serviceIn(macro: string | undefined, protocol?: string, ports?: string, from?: string): string | undefined {
  const service = macro === undefined ? columnService(protocol, ports) : macroService(macro);
  if (service === undefined || from === undefined) return service;
  return /^[\d:,]+$/.test(from) ? `${service} source ${from.replaceAll(':', '-')}` : undefined;
}

/** `DNAT:info`, `SSH(ACCEPT):notice`, `SSH/ACCEPT` */
function readAction(text: string): { verb: string; macro: string | undefined; log: string } {
  const [, head = '', level] = /^([^:]*)(?::(.*))?$/.exec(text) ?? [];
  const [, macro, inside] = /^([^(/]+)[(/]([^)]*)\)?$/.exec(head) ?? [];
  return { verb: (inside ?? head).replace(/[!+]$/, ''), macro, log: logWords(level) };
}

/** undefined: it cannot be said. */
function sideOf(text: string | undefined, { firewall }: Zones): string | undefined {
  const [, zone = '', addresses] = /^([^:]+)(?::(.*))?$/.exec(text ?? 'all') ?? [];
  const name = zone === '$FW' || zone === firewall ? 'fw' : /^all[+-]*$|^any$/.test(zone) ? 'all' : zone;
  if (/[,!]/.test(zone)) return undefined;
  if (addresses === undefined) return name;
  // What a forward names with it, its port, is read apart.
  const hosts = addresses.replace(/^<|>$/g, '').replace(/^([\d.]+):\d.*$/, '$1');
  return /^[\d.,/-]*(![\d.,/-]+)?$/.test(hosts) && hosts !== '' ? `${name}:${hosts}` : undefined;
}

/** `3/min:5` */
function limitWords(rate: string | undefined): string | undefined {
  if (rate === undefined) return '';
  const [, count, unit, burst] = /^(\d+)\/(sec|second|min|minute|hour|day)(?::(\d+))?$/.exec(rate) ?? [];
  if (count === undefined) return undefined;
  const short = unit!.replace(/^sec(ond)?$/, 's').replace(/^minute$/, 'min');
  return ` limit ${count}/${short}${burst === undefined ? '' : ` burst ${burst}`}`;
}

function readForward(
  row: Row,
  draft: Draft,
  zones: Zones,
  service: string,
): { address: string; service: string } | string {
  const [, source = '', dest = '', , , , original] = row.columns;
  const [, address, port] = /:([\d.]+)(?::([\d:-]+))?$/.exec(dest) ?? [];
  if (address === undefined) return 'a forward names the address that it leads to';
  const said = /^(tcp|udp) ([\d,-]+)$/.exec(ofName(service));
  if (said === null) return 'a forward is of tcp or of udp, with ports';
  const [, protocol, ports = ''] = said;
  const [device] = zones.devicesOf(source.split(':')[0]!);
  const outside = original ?? (device === undefined ? undefined : `${zones.router}/${device}`);
  if (outside === undefined) return `name the address in ORIGDEST: zone ${source} has no device`;
  const limitedTo = /:([\d./]+)$/.exec(source)?.[1];
  const from = limitedTo === undefined ? '' : ` from ${limitedTo}`;
  for (const one of outside.split(',')) {
    if (device !== undefined && !one.includes('/')) addAddress(deviceOf(draft, device), `${one}/32`);
    for (const each of ports.split(',')) {
      const target = port === undefined ? `${address}:${each}` : `${address}:${port}`;
      draft.nat.push({ text: `forward ${protocol} ${one}:${each}${from} to ${target}`, place: row.place });
    }
  }
  return { address, service: port === undefined ? service : `${protocol} ${port}` };
}

/** `http` → `tcp 80`; one of several ports stays as it is. */
function ofName(service: string): string {
  const [only, second] = SERVICES.get(service) ?? [];
  return only === undefined || only.ports.length === 0 || second !== undefined ? service : serviceText(only);
}
