/** Reads a router's static routes: `default via 10.88.88.1`, `10.9.0.0/16 via 10.66.66.9`. */

import type { Findings } from '../findings.ts';
import type { Route, RouterInterface, Segment } from '../model.ts';
import type { Path } from '../path.ts';
import { addressNumber, contains, networkText, parsePrefix } from '../prefix.ts';
import type { FileForm } from '../schema-file.ts';
import { readWords } from '../short-form.ts';
import { routeForm } from './schema.ts';

type RouterForm = NonNullable<FileForm['routers']>[string];

export function readRoutes(
  router: string,
  given: RouterForm,
  interfaces: readonly RouterInterface[],
  segments: readonly Segment[],
  findings: Findings,
): Route[] {
  const routes: Route[] = [];
  (given.routes ?? []).forEach((entry, i) => {
    const path: Path = ['routers', router, 'routes', i];
    const form =
      typeof entry === 'string' ? readWords(entry, 'PREFIX via ADDRESS', routeWords, routeForm, path, findings) : entry;
    if (form === undefined) return;
    const at = (key: string): Path => (typeof entry === 'string' ? path : [...path, key]);
    const prefix = form.prefix === 'default' ? '0.0.0.0/0' : form.prefix;
    const where = `router ${router}, route ${form.prefix}`;

    const twin = routes.find((other) => other.prefix === prefix);
    if (twin !== undefined) {
      findings.problem(at('prefix'), `${where} stands twice`, 'keep one of them');
      return;
    }
    const connected = interfaces.flatMap((each) =>
      connectedPrefixes(each, segments).map((text) => ({ name: each.name, prefix: parsePrefix(text)! })),
    );
    const same = connected.find((each) => networkText(each.prefix) === prefix);
    if (same !== undefined) {
      findings.problem(
        at('prefix'),
        `${where}: this prefix is connected, at interface ${same.name}`,
        'remove the route',
      );
    }
    const via = addressNumber(form.via)!;
    const towards = connected.find((each) => contains(each.prefix, via));
    if (towards === undefined) {
      if (!findings.broken(['routers', router])) {
        const prefixes = [...new Set(connected.map((each) => networkText(each.prefix)))].join(', ');
        findings.problem(
          at('via'),
          `${where}: the gateway ${form.via} is on no connected prefix`,
          `write an address of ${prefixes || 'an interface'}`,
        );
      }
      return;
    }
    if (interfaces.some((each) => each.addresses.some((text) => parsePrefix(text)!.address === via))) {
      findings.problem(
        at('via'),
        `${where}: the gateway ${form.via} is the router's own address`,
        'write the address of the next router',
      );
    }
    routes.push({ source: findings.source(path), prefix, via: form.via, interface: towards.name });
  });
  return routes;
}

function routeWords(words: readonly string[]): Record<string, string> | undefined {
  const [prefix, via, address, ...rest] = words;
  return via === 'via' && rest.length === 0 ? { prefix: prefix!, via: address ?? '' } : undefined;
}

/** Of an interface that follows its address: all that it may come to lie in. */
function connectedPrefixes({ addresses, follow, segment }: RouterInterface, segments: readonly Segment[]): string[] {
  if (!follow) return addresses;
  return segments.find(({ name }) => name === segment)?.subnets.filter((text) => !text.includes(':')) ?? [];
}
