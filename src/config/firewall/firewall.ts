/** Reads `firewall`: zones, sets, services, policies and rules in the file's order. */

import type { Findings } from '../findings.ts';
import type { Firewall } from '../model.ts';
import type { FileForm } from '../schema-file.ts';
import { checkConditions } from './conditions.ts';
import { warnOfFamilies } from './families.ts';
import { readServices } from './own-services.ts';
import { readPolicy } from './policy.ts';
import { routebackRules } from './routeback.ts';
import { readRules } from './rules.ts';
import { readSets } from './sets.ts';
import { warnOfShadowed } from './shadowed.ts';
import type { ZoneLookup } from './words.ts';
import { FW, readZones, type ZoneScope } from './zones.ts';

export function readFirewall(form: FileForm, scope: ZoneScope, findings: Findings): Firewall | undefined {
  if (form.firewall === undefined || form.firewall === null) return undefined;
  const zones = readZones(form.firewall, scope, findings);
  const declared = findings.declared('firewall', 'zones');
  const lookup: ZoneLookup = (name, path) => {
    if (name === 'all') return { ref: undefined };
    if (name === 'fw') return { ref: { name, number: FW } };
    if (!findings.known(path, 'zone', name, ['fw', 'all', ...declared], 'firewall.zones')) return undefined;
    return { ref: { name, number: zones.find((zone) => zone.name === name)?.number ?? 0 } };
  };
  const sets = readSets(form.firewall, findings);
  const services = readServices(form.firewall, findings);
  const policy = readPolicy(form.firewall, lookup, findings);
  const rules = readRules(form.firewall, { zones: lookup, sets, services }, findings);
  checkConditions({ rules, policy }, findings);
  // Of a list that lost some the others' places are not known, and what is wrong is told already.
  const isWhole =
    rules.length === (form.firewall.rules ?? []).length && policy.length === (form.firewall.policy ?? []).length;
  if (isWhole) {
    warnOfShadowed({ rules, policy, sets }, findings);
    warnOfFamilies({ zones, sets, rules }, scope, findings);
  }
  const own = Array.from(services, ([name, of]) => ({ name, services: of }));
  rules.push(...routebackRules(scope, zones, policy, findings));
  return { source: findings.source(['firewall']), zones, sets, services: own, policy, rules };
}
