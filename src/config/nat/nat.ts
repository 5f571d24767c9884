/** Reads `nat`: source translation and port forwards at the interfaces of routers. */

import type { z } from 'zod';
import { suggestion } from '../../text/suggest.ts';
import type { Findings } from '../findings.ts';
import type { NatRule, Router } from '../model.ts';
import type { Path } from '../path.ts';
import { addressNumber, contains, parsePrefix } from '../prefix.ts';
import { interfaceTowards, interfaceWith } from '../router/routers.ts';
import type { FileForm } from '../schema-file.ts';
import { readWords } from '../short-form.ts';
import { forwardForm, masqueradeForm, snatForm } from './schema.ts';

type Masquerade = z.infer<typeof masqueradeForm>;
type Snat = z.infer<typeof snatForm>;
type Forward = z.infer<typeof forwardForm>;
type Form = Masquerade | Snat | Forward;

export function readNat(form: FileForm, routers: readonly Router[], findings: Findings): NatRule[] {
  const entries = form.nat ?? [];
  if (entries.length > 0 && findings.declared('routers').size === 0) {
    findings.problem(['nat'], '`nat` needs a router, and the file has none', 'add one under `routers`', 'key');
    return [];
  }
  const rules = new Map<string, NatRule>();
  entries.forEach((entry, i) => {
    const path: Path = ['nat', i];
    const given = typeof entry === 'string' ? readSentence(entry, path, findings) : entry;
    if (given === undefined) return;
    const at = (key: string): Path => (typeof entry === 'string' ? path : [...path, key]);
    const text = typeof entry === 'string' ? entry.trim().replace(/\s+/g, ' ') : sentenceOf(given);
    const rule =
      'forward' in given
        ? readForward(given, text, path, at, routers, findings)
        : readSnat(given, text, path, at, routers, findings);
    if (rule === undefined) return;
    const match = matchOf(rule);
    const twin = rules.get(match);
    if (twin === undefined) rules.set(match, rule);
    else
      findings.problem(
        path,
        `\`${text}\` never applies: \`${twin.text}\` (${twin.source}) takes the same packets`,
        'keep one of them',
      );
  });
  return [...rules.values()];
}

/** Two rules with the same cannot both apply. */
function matchOf(rule: NatRule): string {
  return rule.kind === 'forward'
    ? `${rule.protocol} ${rule.address}:${rule.port}`
    : `${rule.router}/${rule.interface} ${rule.from}`;
}

function readSentence(sentence: string, path: Path, findings: Findings): Form | undefined {
  const read = <Schema extends typeof masqueradeForm | typeof snatForm | typeof forwardForm>(
    grammar: string,
    schema: Schema,
  ) => readWords(sentence, grammar, keywordPairs(grammar), schema, path, findings) as z.infer<Schema> | undefined;
  const verb = sentence.trim().split(/\s+/)[0] ?? '';
  switch (verb) {
    case 'masquerade':
      return read('masquerade PREFIX out ROUTER/INTERFACE [ports FIRST-LAST]', masqueradeForm);
    case 'snat':
      return read('snat PREFIX to ADDRESS out ROUTER/INTERFACE [ports FIRST-LAST]', snatForm);
    case 'forward':
      return readWords(
        sentence,
        'forward tcp|udp ADDRESS:PORT to ADDRESS:PORT',
        forwardWords,
        forwardForm,
        path,
        findings,
      );
    case 'one-to-one':
      findings.problem(
        path,
        '`one-to-one` is not supported yet',
        'write `snat` for the way out and one `forward` for each port',
      );
      return undefined;
    default:
      findings.problem(path, `unknown NAT rule \`${verb}\``, suggestion(verb, ['masquerade', 'snat', 'forward']));
      return undefined;
  }
}

/** Keyword and value by turns; the schema sees to those that are missing or too many. */
function keywordPairs(grammar: string): (words: readonly string[]) => Record<string, string> | undefined {
  const keywords = grammar.split(/[^a-z]+/).filter((word) => word !== '');
  return (words) => {
    const object: Record<string, string> = {};
    for (let i = 0; i < words.length; i += 2) {
      const keyword = words[i]!;
      const value = words[i + 1];
      if (!keywords.includes(keyword) || value === undefined || keyword in object) return undefined;
      object[keyword] = value;
    }
    return object;
  };
}

function forwardWords(words: readonly string[]): Record<string, string> | undefined {
  const [, protocol = '', address = '', to, target = '', ...rest] = words;
  return to === 'to' && rest.length === 0 ? { forward: protocol, address, to: target } : undefined;
}

export function sentenceOf(form: Form): string {
  if ('forward' in form) return `forward ${form.forward} ${form.address} to ${form.to}`;
  const ports = form.ports === '1024-65535' ? '' : ` ports ${form.ports}`;
  if ('masquerade' in form) return `masquerade ${form.masquerade} out ${form.out}${ports}`;
  return `snat ${form.snat} to ${form.to} out ${form.out}${ports}`;
}

type At = (key: string) => Path;

function readSnat(
  given: Masquerade | Snat,
  text: string,
  path: Path,
  at: At,
  routers: readonly Router[],
  findings: Findings,
): NatRule | undefined {
  const [routerName = '', interfaceName = ''] = given.out.split('/');
  if (!findings.known(at('out'), 'router', routerName, findings.declared('routers'), 'routers')) return undefined;
  const names = findings.declared('routers', routerName, 'interfaces');
  if (
    !findings.known(
      at('out'),
      `interface of router ${routerName}`,
      interfaceName,
      names,
      `routers.${routerName}.interfaces`,
    )
  )
    return undefined;
  const port = routers
    .find((router) => router.name === routerName)
    ?.interfaces.find((each) => each.name === interfaceName);
  if (port === undefined) return undefined;
  const own = port.addresses.map((address) => address.slice(0, address.indexOf('/')));
  const to = 'snat' in given ? given.to : own[0]!;
  if (!own.includes(to)) {
    findings.problem(
      at('to'),
      `\`${text}\`: ${to} is not an address of ${given.out}`,
      `add ${to}/32 to its \`address\` list, or write one of ${own.join(', ')}`,
    );
    return undefined;
  }
  const [first = 0, last = 0] = given.ports.split('-').map(Number);
  return {
    kind: 'snat',
    source: findings.source(path),
    text,
    router: routerName,
    interface: interfaceName,
    from: 'snat' in given ? given.snat : given.masquerade,
    to,
    ports: [first, last],
  };
}

function readForward(
  given: Forward,
  text: string,
  path: Path,
  at: At,
  routers: readonly Router[],
  findings: Findings,
): NatRule | undefined {
  const [address = '', port = ''] = given.address.split(':');
  const [toAddress = '', toPort = ''] = given.to.split(':');
  const owners = routers.filter((router) => interfaceWith(router, address) !== undefined);
  const [router] = owners;
  if (router === undefined) {
    if (!findings.broken(['routers'])) {
      const near = routers.find((each) => interfaceTowards(each.interfaces, address) !== undefined);
      const place =
        near === undefined ? 'a router interface' : `${near.name}/${interfaceTowards(near.interfaces, address)!.name}`;
      findings.problem(
        at('address'),
        `\`${text}\`: no router interface has the address ${address}`,
        `add it to the \`address\` of ${place}`,
      );
    }
    return undefined;
  }
  if (owners.length > 1) {
    findings.problem(
      at('address'),
      `\`${text}\`: ${address} is an address of routers ${owners.map((each) => each.name).join(' and ')}`,
      'give each its own address',
    );
  }
  const number = addressNumber(toAddress)!;
  const routed = router.routes.some(
    (route) => route.prefix !== '0.0.0.0/0' && contains(parsePrefix(route.prefix)!, number),
  );
  if (interfaceWith(router, toAddress) !== undefined) {
    findings.problem(
      at('to'),
      `\`${text}\`: ${toAddress} is router ${router.name} itself`,
      'write the address of a station',
    );
  } else if (
    !routed &&
    interfaceTowards(router.interfaces, toAddress) === undefined &&
    !findings.broken(['routers', router.name])
  ) {
    findings.problem(
      at('to'),
      `\`${text}\`: router ${router.name} has no interface or route towards ${toAddress}`,
      'write an address on one of its prefixes, or add a route',
    );
  }
  return {
    kind: 'forward',
    source: findings.source(path),
    text,
    router: router.name,
    interface: interfaceWith(router, address)!.name,
    protocol: given.forward,
    address,
    port: Number(port),
    toAddress,
    toPort: Number(toPort),
  };
}
