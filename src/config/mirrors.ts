/** Reads a bridge's `mirrors`: what is copied, and where to (SPAN, RSPAN). */

import type { Findings } from './findings.ts';
import type { Mirror, Port } from './model.ts';
import type { Path } from './path.ts';
import type { BridgeForm, FileForm } from './schema-file.ts';

type MirrorForm = NonNullable<BridgeForm['mirrors']>[string];

/** A mirror is of one host; one of `all` into a VLAN is made on every host of the bridge. */
export function readMirrors(
  bridge: string,
  given: BridgeForm,
  ports: readonly Port[],
  form: FileForm,
  findings: Findings,
): Mirror[] {
  return Object.entries(given.mirrors ?? {}).flatMap(([name, mirror]) => {
    const path = ['bridges', bridge, 'mirrors', name];
    const output = readOutput(path, bridge, mirror, ports, form, findings);
    const vlans = (mirror.vlans ?? []).map((each, i) => vlanOf([...path, 'vlans', i], each, form, findings));
    if (output === undefined) return [];
    checkForwarding(path, bridge, given, mirror, findings);
    const { names, hosts } = readSelection(path, bridge, given, mirror, ports, findings);
    const [host, second] = output.host === undefined ? hosts : [...new Set([output.host, ...hosts])];
    if (second !== undefined && !(output.host === undefined && names === 'all')) {
      findings.problem(
        path,
        `mirror ${name} is of ports on ${host} and on ${second}`,
        'a mirror stays on one host: write one for each, or carry the copies there with `toVlan`',
        'key',
      );
      return [];
    }
    const on = output.host === undefined && names === 'all' ? given.hosts : host === undefined ? [] : [host];
    return on.map(
      (each): Mirror => ({
        name,
        source: findings.source(path),
        host: each,
        all: names === 'all',
        from: names === 'all' || mirror.direction === 'out' ? [] : names,
        to: names === 'all' || mirror.direction === 'in' ? [] : names,
        vlans: vlans.filter((vlan) => vlan !== undefined),
        output: output.place,
      }),
    );
  });
}

/** To flows a VLAN is theirs alone: Open vSwitch itself knows of none on such a bridge. */
function checkForwarding(path: Path, bridge: string, given: BridgeForm, mirror: MirrorForm, findings: Findings): void {
  if (given.forwarding !== 'flows') return;
  const name = String(path.at(-1));
  if (mirror.toVlan !== undefined) {
    findings.problem(
      [...path, 'toVlan'],
      `mirror ${name}: bridge ${bridge} forwards by flows, and there copies into a VLAN would go out by every port`,
      'write `to: HOST/PORT`, or mirror on a bridge with `forwarding: normal`',
      'key',
    );
  }
  if (mirror.vlans !== undefined) {
    findings.warning(
      [...path, 'vlans'],
      `mirror ${name}: bridge ${bridge} forwards by flows, and there Open vSwitch knows the VLAN of tagged frames only`,
      'name the ports with `of` instead, where access ports are meant',
      'key',
    );
  }
}

function readSelection(
  path: Path,
  bridge: string,
  given: BridgeForm,
  mirror: MirrorForm,
  ports: readonly Port[],
  findings: Findings,
): { names: string[] | 'all'; hosts: string[] } {
  if (mirror.of === 'all' && mirror.direction !== 'both') {
    findings.problem(
      [...path, 'direction'],
      `mirror ${String(path.at(-1))}: Open vSwitch copies all ports in both directions or not at all`,
      'remove `direction`, or name the ports',
      'key',
    );
  }
  if (mirror.of === 'all') return { names: 'all', hosts: mirror.to === undefined ? given.hosts : [] };
  const keys = typeof mirror.of === 'string' ? [mirror.of] : mirror.of;
  const found = keys.flatMap((key, i) => {
    const at = typeof mirror.of === 'string' ? [...path, 'of'] : [...path, 'of', i];
    const port = portOf(at, bridge, key, ports, findings);
    return port === undefined ? [] : [port];
  });
  return { names: found.map((port) => port.name), hosts: [...new Set(found.map((port) => port.host))] };
}

function readOutput(
  path: Path,
  bridge: string,
  mirror: MirrorForm,
  ports: readonly Port[],
  form: FileForm,
  findings: Findings,
): { host: string | undefined; place: Mirror['output'] } | undefined {
  if ((mirror.to === undefined) === (mirror.toVlan === undefined)) {
    if (findings.broken(path)) return undefined;
    const what = mirror.to === undefined ? 'says not where its copies go' : 'has both `to` and `toVlan`';
    findings.problem(
      path,
      `mirror ${String(path.at(-1))} ${what}`,
      'write either `to: HOST/PORT` or `toVlan: VLAN`',
      'key',
    );
    return undefined;
  }
  if (mirror.to === undefined) {
    const vlan = vlanOf([...path, 'toVlan'], mirror.toVlan ?? 0, form, findings);
    return vlan === undefined ? undefined : { host: undefined, place: { vlan } };
  }
  const port = portOf([...path, 'to'], bridge, mirror.to, ports, findings);
  if (port === undefined) return undefined;
  if (port.vlans !== undefined) {
    findings.problem(
      [...path, 'to'],
      `mirror ${String(path.at(-1))}: ${mirror.to} is in a segment, and a port that gets copies carries nothing else`,
      'take the port out of its segment, or name another',
    );
  }
  return { host: port.host, place: { port: port.name } };
}

function portOf(path: Path, bridge: string, key: string, ports: readonly Port[], findings: Findings): Port | undefined {
  const port = ports.find(({ host, name }) => `${host}/${name}` === key);
  if (port === undefined) {
    const keys = ports.map(({ host, name }) => `${host}/${name}`);
    findings.known(path, `port of bridge ${bridge}`, key, keys, `bridges.${bridge}.ports`);
  }
  return port;
}

function vlanOf(path: Path, given: string | number, form: FileForm, findings: Findings): number | undefined {
  if (typeof given === 'number') return given;
  if (!findings.known(path, 'segment', given, findings.declared('segments'), 'segments')) return undefined;
  const vlan = form.segments?.[given]?.vlan;
  if (vlan === undefined && !findings.broken(['segments', given])) {
    findings.problem(path, `segment ${given} has no VLAN`, `give segments.${given} a \`vlan\`, or write a number`);
  }
  return vlan;
}
