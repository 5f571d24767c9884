/** Reads the firewall's rules: `accept http from net to loc:10.66.66.67`. */

import { suggestion } from '../../text/suggest.ts';
import type { Findings } from '../findings.ts';
import type { FirewallRule, FirewallZoneRef } from '../model.ts';
import type { Path } from '../path.ts';
import { addressNumber, networkText, parsePrefix } from '../prefix.ts';
import type { FileForm } from '../schema-file.ts';
import { readWords } from '../short-form.ts';
import { ruleForm } from './schema.ts';
import { readService, SERVICES } from './services.ts';
import { refusesLater, type ZoneLookup } from './words.ts';

const GRAMMAR = 'accept|drop SERVICE from ZONE[:ADDRESS] to ZONE[:ADDRESS]';

export function readRules(
  form: NonNullable<FileForm['firewall']>,
  lookup: ZoneLookup,
  findings: Findings,
): FirewallRule[] {
  const rules: FirewallRule[] = [];
  const byMatch = new Map<string, FirewallRule>();
  (form.rules ?? []).forEach((entry, i) => {
    const path: Path = ['firewall', 'rules', i];
    if (typeof entry === 'string' && refusesLater(entry, path, findings)) return;
    const given = typeof entry === 'string' ? readWords(entry, GRAMMAR, ruleWords, ruleForm, path, findings) : entry;
    if (given === undefined) return;
    const at = (key: string): Path => (typeof entry === 'string' ? path : [...path, key]);
    const service = readService(given.service);
    if (service === undefined) {
      const names = [...SERVICES.keys(), 'all'];
      findings.problem(
        at('service'),
        `unknown service \`${given.service}\``,
        /^(tcp|udp)\s/.test(given.service)
          ? 'write one port from 1 to 65535, like `tcp 8800` (ranges are not supported yet)'
          : suggestion(
              given.service,
              names,
              'write `tcp PORT`, `udp PORT`, `all`, or a name like ssh, http, dns, ping',
            ),
      );
    }
    const from = readSide(given.from, at('from'), lookup, findings);
    const to = readSide(given.to, at('to'), lookup, findings);
    if (service === undefined || from === undefined || to === undefined) return;
    const text = `${given.action} ${given.service} from ${given.from} to ${given.to}`;
    const rule: FirewallRule = {
      source: findings.source(path),
      text,
      action: given.action,
      from: from.ref,
      to: to.ref,
      fromAddress: from.address,
      toAddress: to.address,
      service: service.services,
    };
    const match = `${given.service.trim().replace(/\s+/g, ' ')} from ${given.from} to ${given.to}`;
    const twin = byMatch.get(match);
    if (twin === undefined) byMatch.set(match, rule);
    else {
      findings.problem(
        path,
        `rule \`${text}\` never applies: \`${twin.text}\` (${twin.source}) decides the same packets`,
        'keep one of them',
      );
    }
    rules.push(rule);
  });
  return rules;
}

function ruleWords(words: readonly string[]): Record<string, string> | undefined {
  const at = words.indexOf('from');
  const [action = '', ...service] = words.slice(0, Math.max(at, 0));
  const [, from = '', to, target = '', ...rest] = words.slice(at);
  if (at < 2 || service.length > 2 || to !== 'to' || rest.length > 0) return undefined;
  return { action, service: service.join(' '), from, to: target };
}

/** `loc`, `loc:10.66.66.67`, `all:10.0.0.0/8`. */
function readSide(
  text: string,
  path: Path,
  lookup: ZoneLookup,
  findings: Findings,
): { ref: FirewallZoneRef | undefined; address: string | undefined } | undefined {
  const colon = text.indexOf(':');
  const zone = lookup(colon < 0 ? text : text.slice(0, colon), path);
  if (zone === undefined) return undefined;
  if (colon < 0) return { ref: zone.ref, address: undefined };
  const address = text.slice(colon + 1);
  const prefix = parsePrefix(addressNumber(address) === undefined ? address : `${address}/32`);
  if (prefix === undefined || networkText(prefix) !== (address.includes('/') ? address : `${address}/32`)) {
    findings.problem(
      path,
      `\`${address}\` is not an IPv4 address or prefix`,
      prefix === undefined ? 'write it like loc:10.66.66.67 or loc:10.66.66.0/24' : `write ${networkText(prefix)}`,
    );
    return undefined;
  }
  return { ref: zone.ref, address: networkText(prefix) };
}
