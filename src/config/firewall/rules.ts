/** Reads the firewall's rules: `accept http from net to loc:10.66.66.67 limit 10/s log info`. */

import type { Findings } from '../findings.ts';
import type { FirewallRule, FirewallSet, Service } from '../model.ts';
import type { Path } from '../path.ts';
import type { FileForm } from '../schema-file.ts';
import { readWords } from '../short-form.ts';
import { reportService } from './own-services.ts';
import { ruleForm } from './schema.ts';
import { type OwnServices, readService } from './services.ts';
import { familiesOf, readSide } from './sides.ts';
import { END_FORM, endText, endWords, readEnd, type ZoneLookup } from './words.ts';

const GRAMMAR = {
  form: `accept|drop|reject SERVICE from ZONE[:ADDRESS] to ZONE[:ADDRESS] [over N bytes] ${END_FORM}`,
  example: 'accept http,https from net:10.9.0.0/16 to loc:10.66.66.67',
};

export interface RuleNames {
  zones: ZoneLookup;
  sets: readonly FirewallSet[];
  services: OwnServices;
}

export function readRules(
  form: NonNullable<FileForm['firewall']>,
  names: RuleNames,
  findings: Findings,
): FirewallRule[] {
  const rules: FirewallRule[] = [];
  const byMatch = new Map<string, FirewallRule>();
  (form.rules ?? []).forEach((entry, i) => {
    const path: Path = ['firewall', 'rules', i];
    const given = typeof entry === 'string' ? readWords(entry, GRAMMAR, ruleWords, ruleForm, path, findings) : entry;
    if (given === undefined) return;
    const at = (key: string): Path => (typeof entry === 'string' ? path : [...path, key]);
    const written = Array.isArray(given.service) ? given.service.join(',') : given.service;
    const service = readService(written, names.services);
    if (!('services' in service)) reportService(service, names.services, at('service'), findings);
    const from = readSide(given.from, at('from'), names.zones, names.sets, findings);
    const to = readSide(given.to, at('to'), names.zones, names.sets, findings);
    const end = readEnd(given, at, findings);
    if (!('services' in service) || from === undefined || to === undefined || end === undefined) return;
    const match = `${written.trim().replace(/\s+/g, ' ')} from ${given.from} to ${given.to}`;
    const over = end.over === undefined ? '' : ` over ${end.over} bytes`;
    const rule: FirewallRule = {
      source: findings.source(path),
      text: `${given.action} ${match}${endText(end)}`,
      action: given.action,
      from: from.ref,
      to: to.ref,
      fromAddresses: from.addresses,
      toAddresses: to.addresses,
      services: service.services,
      ...end,
    };
    const families = [familiesOf(from.addresses, names.sets), familiesOf(to.addresses, names.sets)];
    if (!reportFamilies(rule, families, path, findings)) return;
    const twin = byMatch.get(match + over);
    // One with a limit may leave some to the next.
    if (twin === undefined) {
      if (rule.limit?.kind !== 'connections') byMatch.set(match + over, rule);
    } else {
      findings.problem(
        path,
        `rule \`${rule.text}\` never applies: \`${twin.text}\` (${twin.source}) decides the same packets`,
        'keep one of them',
      );
    }
    rules.push(rule);
  });
  return rules;
}

/** False: no packet can be of both families, or of none. */
function reportFamilies(
  { text, services }: FirewallRule,
  sides: readonly Set<4 | 6>[],
  path: Path,
  findings: Findings,
): boolean {
  const [from, to] = sides as [Set<4 | 6>, Set<4 | 6>];
  const both = [...from].filter((family) => to.has(family));
  if (both.length === 0 && from.size > 0 && to.size > 0) {
    findings.problem(
      path,
      `rule \`${text}\`: it is from IPv${[...from][0]} to IPv${[...to][0]}`,
      'write addresses of one family, or two rules',
    );
    return false;
  }
  const isOther = (service: Service) => service.family !== undefined && !both.includes(service.family);
  if (both.length > 0 && services?.every(isOther) === true) {
    const family = both[0]!;
    findings.problem(
      path,
      `rule \`${text}\`: its addresses are IPv${family}, its service is IPv${family === 4 ? 6 : 4} only`,
      family === 4 ? 'write icmp, or IPv6 addresses' : 'write icmpv6, or IPv4 addresses',
    );
    return false;
  }
  return true;
}

function ruleWords(words: readonly string[]): Record<string, unknown> | undefined {
  const at = words.indexOf('from');
  const [action = '', ...service] = words.slice(0, Math.max(at, 0));
  const [, from = '', to, target = '', ...rest] = words.slice(at);
  const end = endWords(rest);
  if (at < 2 || to !== 'to' || target === '' || end === undefined) return undefined;
  return { action, service: service.join(' '), from, to: target, ...end };
}
