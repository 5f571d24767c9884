/** Shorewall's `rules` (shorewall-rules(5)): rules of the firewall, and forwards with the rule that lets them in. */

import { serviceText } from '../../config/firewall/protocols.ts';
import { SERVICES } from '../../config/firewall/services.ts';
import { addAddress, type Draft, firewallOf } from '../draft.ts';
import { logWords } from './log.ts';
import { columnService, macroService } from './services.ts';
import type { Row } from './tables.ts';

export interface Zones {
  /** The name of the zone of type `firewall`. */
  firewall: string;
  router: string;
  /** Devices of a zone. */
  devicesOf(zone: string): readonly string[];
  /** By its name in `interfaces`, which may be another than the kernel's; undefined: there is none. */
  deviceNamed(name: string): string | undefined;
}

/** The sections whose rules are about packets that begin a connection. */
const OF_NEW = ['ALL', 'NEW', 'UNTRACKED'];
const ACTIONS: Readonly<Record<string, string>> = { ACCEPT: 'accept', DROP: 'drop', REJECT: 'reject' };

/** Why it cannot be taken; undefined: it is. */
export function readRule(row: Row, draft: Draft, zones: Zones): string | undefined {
  const [action = '', source, dest, protocol, ports, sourcePorts, original, rate, ...others] = row.columns;
  const { verb, macro, log } = readAction(action);
  if (needsNoRule(row.section, verb, macro)) {
    const why = 'what belongs to a connection that was let in passes, what belongs to none does not';
    draft.needless.push({ place: row.place, text: row.text, why });
    return undefined;
  }
  if (!OF_NEW.includes(row.section))
    return `section ${row.section}: established connections pass, what is invalid does not`;
  if (others.some((each) => each !== undefined)) return 'its columns after RATE have no counterpart';
  if (macro !== undefined && (protocol !== undefined || ports !== undefined))
    return 'a macro with a protocol or ports of its own: write the ports that are meant';
  const service = serviceIn(macro, protocol, ports, sourcePorts);
  if (service === undefined) {
    return macro === undefined
      ? `protocol ${protocol} with these ports has no counterpart`
      : `macro ${macro} is not known: write its ports`;
  }
  const isForward = verb === 'DNAT' || verb === 'DNAT-';
  const from = sideOf(source, zones);
  const to = sideOf(isForward ? dest?.replace(/:\d[\d:-]*$/, (end) => (isPort(dest, end) ? '' : end)) : dest, zones);
  if (from === undefined || to === undefined) return 'SOURCE and DEST are `zone`, `zone:address` or `all`';
  const more = limitWords(rate);
  if (more === undefined) return `rate \`${rate}\` has no counterpart`;
  const { rules } = firewallOf(draft);
  if (verb === 'REDIRECT') return 'redirection to the firewall itself has no counterpart';
  if (isForward) {
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
function needsNoRule(section: string, verb: string, macro: string | undefined): boolean {
  if (section === 'ESTABLISHED' || section === 'RELATED') return verb === 'ACCEPT';
  return verb === 'DROP' && (section === 'INVALID' || macro?.toLowerCase() === 'invalid');
}

function serviceIn(macro: string | undefined, protocol?: string, ports?: string, from?: string): string | undefined {
  const service = macro === undefined ? columnService(protocol, ports) : macroService(macro);
  if (service === undefined || from === undefined) return service;
  return /^[\d:,]+$/.test(from) ? `${service} source ${from.replaceAll(':', '-')}` : undefined;
}

/** `loc:10.66.66.67:80`, not `loc:10.66.66.67`. */
function isPort(dest: string, end: string): boolean {
  return /:[\d.]+$/.test(dest.slice(0, dest.length - end.length));
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
  const hosts = addresses.replace(/^<|>$/g, '');
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
  if (address === undefined || address.split('.').length !== 4) return 'a forward names the address that it leads to';
  const said = /^(tcp|udp) ([\d,-]+)$/.exec(ofName(service));
  if (said === null) return 'a forward is of tcp or of udp, with ports';
  const [, protocol, ports = ''] = said;
  const devices = zones.devicesOf(source.split(':')[0]!);
  const outside = original?.split(',') ?? devices.map((device) => `&${device}`);
  if (outside.length === 0) return `name the address in ORIGDEST: zone ${source} has no device`;
  const sources = source.includes(':') ? source.slice(source.indexOf(':') + 1).split(',') : [undefined];
  for (const one of outside) {
    // `&eth0`: the device's own address.
    const device = one.startsWith('&') ? zones.deviceNamed(one.slice(1)) : undefined;
    if (one.startsWith('&') && device === undefined) return `\`${one}\` is no device of \`interfaces\``;
    if (device === undefined && devices[0] !== undefined) addAddress(draft, devices[0], one);
    const at = device === undefined ? one : `${zones.router}/${device}`;
    for (const each of sources) {
      const from = each === undefined ? '' : ` from ${each.includes('/') ? each : `${each}/32`}`;
      for (const its of ports.split(',')) {
        const target = port === undefined ? `${address}:${its}` : `${address}:${port.replace(':', '-')}`;
        const text = `forward ${protocol} ${at}:${its}${from} to ${target}`;
        if (!draft.nat.some((other) => other.text === text)) draft.nat.push({ text, place: row.place });
      }
    }
  }
  return { address, service: port === undefined ? service : `${protocol} ${port.replace(':', '-')}` };
}

/** `http` → `tcp 80`; one of several ports stays as it is. */
function ofName(service: string): string {
  const [only, second] = SERVICES.get(service) ?? [];
  return only === undefined || only.ports.length === 0 || second !== undefined ? service : serviceText(only);
}
