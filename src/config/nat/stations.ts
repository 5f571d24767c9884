/** Addresses of NAT held against those of stations: what is inside somebody can have, what is public nobody else has. */

import { bitsOf, type IpPrefix, ipText, meet, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import type { Findings } from '../findings.ts';
import type { Bridge, NatRule, Port, Router, RouterInterface } from '../model.ts';
import type { Path } from '../path.ts';
import { segmentsOf } from '../port-segments.ts';
import { publicPrefixes } from './proxied.ts';
import { connectedPrefix, isOwn, prefixesOf } from './rule-reader.ts';

export interface Placed {
  rule: NatRule;
  path: Path;
}

interface Scope {
  routers: readonly Router[];
  bridges: readonly Bridge[];
}

export function checkStations(placed: readonly Placed[], scope: Scope, findings: Findings): void {
  const publics = publicsOf(placed.map(({ rule }) => rule));
  for (const each of placed) {
    const router = scope.routers.find(({ name }) => name === each.rule.router);
    const at = router?.interfaces.find(({ name }) => name === each.rule.interface);
    if (router === undefined || at === undefined) continue;
    const inside = insideOf(each.rule);
    if (each.rule.kind === 'forward' || each.rule.kind === 'one-to-one') {
      if (isPublic(each, inside, publics, findings)) continue;
      warnOfNobody(each, inside, router, scope, findings);
    } else warnOfUnreachable(each, inside, router, findings);
    warnOfTaken(each, at, router, scope, findings);
  }
}

function insideOf(rule: NatRule): IpPrefix {
  return prefixOf(rule.kind === 'forward' ? rule.toAddress : rule.kind === 'one-to-one' ? rule.inside : rule.from);
}

interface Public {
  prefix: IpPrefix;
  /** The first that has it. */
  rule: NatRule;
}

/** Each once for its router: thousands of forwards share few. */
function publicsOf(rules: readonly NatRule[]): Public[] {
  const found = new Map<string, Public>();
  for (const rule of rules) {
    for (const text of publicPrefixes(rule)) {
      const key = `${rule.router} ${text}`;
      if (!found.has(key)) found.set(key, { prefix: prefixOf(text), rule });
    }
  }
  return [...found.values()];
}

/** Where it leads is a public address itself, which is the router's to answer for. */
function isPublic({ rule, path }: Placed, inside: IpPrefix, publics: readonly Public[], findings: Findings): boolean {
  const other = publics.find((each) => each.rule.router === rule.router && meet(each.prefix, inside))?.rule;
  if (other === undefined) return false;
  const isItself = publicPrefixes(rule).some((text) => meet(prefixOf(text), inside));
  const whose = isItself ? 'its own public address' : `a public address of \`${other.text}\` (${other.source})`;
  findings.problem(path, `\`${rule.text}\`: it leads to ${whose}`, 'write the address of a station inside');
  return true;
}

/** All ports of its segment have addresses, and none has this one. */
function warnOfNobody(
  { rule, path }: Placed,
  inside: IpPrefix,
  router: Router,
  { routers, bridges }: Scope,
  findings: Findings,
): void {
  if (inside.length < bitsOf(inside.family)) return;
  const segment = router.interfaces.find((each) => connectedPrefix(inside, each) !== undefined)?.segment;
  const ports = portsOn(segment, router, bridges);
  if (segment === undefined || ports.length === 0 || ports.some(({ addresses }) => addresses.length === 0)) return;
  const isRouters = routers.some(({ interfaces }) => interfaces.some((each) => isOwn(inside, each)));
  const theirs = ports.flatMap(({ addresses }) => addresses.map(prefixOf));
  if (isRouters || theirs.some((each) => meet(each, inside))) return;
  const text = ipText(inside);
  findings.warning(
    path,
    `\`${rule.text}\`: no port of segment ${segment} has the address ${text}, and each has its \`address\` given`,
    `write the address of a station there, or give ${text} to its port`,
  );
}

function warnOfUnreachable({ rule, path }: Placed, inside: IpPrefix, router: Router, findings: Findings): void {
  const { interfaces, routes, name } = router;
  if (interfaces.some(({ addresses }) => addresses.length === 0) || findings.broken(['routers', name])) return;
  const routed = routes.map(({ prefix }) => prefixOf(prefix)).filter(({ length }) => length > 0);
  if ([...interfaces.flatMap(prefixesOf), ...routed].some((prefix) => meet(prefix, inside))) return;
  const text = rule.kind === 'snat' || rule.kind === 'exempt' ? rule.from : '';
  findings.warning(
    path,
    `\`${rule.text}\`: router ${name} has no interface or route towards ${text}, so nothing comes from there`,
    'write a prefix behind it, or add a route',
  );
}

/** A station has the public address, and two would answer for it. */
function warnOfTaken(
  { rule, path }: Placed,
  at: RouterInterface,
  router: Router,
  { bridges }: Scope,
  findings: Findings,
): void {
  const proxied = publicPrefixes(rule)
    .map(prefixOf)
    .filter((prefix) => prefix.length < bitsOf(prefix.family) || !isOwn(prefix, at));
  for (const port of portsOn(at.segment, router, bridges)) {
    const taken = port.addresses
      .map(prefixOf)
      .find((each) => each.length === bitsOf(each.family) && proxied.some((prefix) => meet(prefix, each)));
    if (taken === undefined) continue;
    findings.warning(
      path,
      `\`${rule.text}\`: port ${port.host}/${port.name} (${port.source}) has the address ${ipText(taken)}, and the router would answer for it, too`,
      'write an address that no station has',
    );
    return;
  }
}

/** But the one where the router's own services live. */
function portsOn(segment: string | undefined, router: Router, bridges: readonly Bridge[]): Port[] {
  return bridges
    .flatMap(({ ports }) => ports)
    .filter((port) => segment !== undefined && segmentsOf(port).includes(segment))
    .filter(({ host, name }) => host !== router.host || name !== router.self?.port);
}

function prefixOf(text: string): IpPrefix {
  return parseIpPrefix(text)!;
}
