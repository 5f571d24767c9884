/** Reads and checks the user's file: every problem at once, in the file's order, before anything is touched. */

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { checkAddresses } from './addresses.ts';
import { readApps } from './apps.ts';
import { readBridges } from './bridges.ts';
import { readDhcp } from './dhcp/dhcp.ts';
import { readYaml } from './document.ts';
import { writeOutHosts } from './every-host.ts';
import { collectFindings } from './findings.ts';
import { readFirewall } from './firewall/firewall.ts';
import { warnOfUnknownZones } from './firewall/remote-zones.ts';
import { inZones } from './firewall/zones.ts';
import { readHosts } from './hosts.ts';
import { checkMesh } from './mesh.ts';
import type { Config } from './model.ts';
import { readNat } from './nat/nat.ts';
import type { Problem } from './problem.ts';
import { checkReach } from './reach.ts';
import { checkRouteLoops } from './router/route-loops.ts';
import { readRouters } from './router/routers.ts';
import type { FileForm } from './schema-file.ts';
import { readSegments } from './segments.ts';
import { checkShape } from './shape.ts';

export type Loaded =
  | { ok: true; config: Config; warnings: Problem[] }
  | { ok: false; problems: Problem[]; warnings: Problem[] };

export function loadConfig(path: string): Loaded {
  const read = readConfigText(path);
  if (!read.ok) return { ok: false, problems: [read.problem], warnings: [] };
  return parseConfig(read.text, path);
}

export function readConfigText(path: string): { ok: true; text: string } | { ok: false; problem: Problem } {
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)) };
  } catch (error) {
    return { ok: false, problem: unreadable(path, error) };
  }
}

function unreadable(path: string, error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const fixes: Record<string, [message: string, fix: string]> = {
    ENOENT: ['the file does not exist', 'give the path of a file'],
    EISDIR: ['this is a directory', 'give the path of a file'],
    EACCES: ['the file may not be read', 'give read permission'],
    ERR_ENCODING_INVALID_ENCODED_DATA: ['the file is not UTF-8 text', 'save it as UTF-8'],
  };
  const [message, fix] = fixes[code] ?? [
    `the file cannot be read (${error instanceof Error ? error.message : String(error)})`,
    'see to it that it can',
  ];
  return { source: path, message, fix };
}

/** `file` is only the name by which problems and sources call it. */
export function parseConfig(text: string, file: string): Loaded {
  const document = readYaml(text);
  if (document.problems.length > 0) {
    const problems = document.problems
      .toSorted((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
      .map(({ place, message, fix }) => ({ source: `${file}:${place.line}:${place.column}`, message, fix }));
    return { ok: false, problems, warnings: [] };
  }
  if (document.value === null || document.value === undefined) {
    const fix = 'write `flowloom: 1` first, then hosts, segments, bridges, …';
    return { ok: false, problems: [{ source: `${file}:1`, message: 'the file is empty', fix }], warnings: [] };
  }
  const shape = checkShape(document.value);
  const written = shape.form === undefined ? undefined : writeOutHosts(shape.form, hostNames(document.value));
  const findings = collectFindings(file, document, shape, written?.places);
  const config = written === undefined ? undefined : readForm(written.form, file, findings);
  const { problems, warnings } = findings.sorted();
  if (config === undefined || problems.length > 0) return { ok: false, problems, warnings };
  return { ok: true, config, warnings };
}

/** Relative to the file, as everything that people write in it. */
function readTlsPaths({ tls }: FileForm, file: string): Config['tls'] {
  if (tls === undefined) return undefined;
  const at = (path: string) => resolve(dirname(file), path);
  return { privateKey: at(tls.privateKey), certificate: at(tls.certificate), caCert: at(tls.caCert) };
}

/** All that the file declares, those with unsound values too. */
function hostNames(value: unknown): string[] {
  const hosts = (value as Record<string, unknown>).hosts;
  return typeof hosts === 'object' && hosts !== null && !Array.isArray(hosts) ? Object.keys(hosts) : [];
}

function readForm(form: FileForm, file: string, findings: ReturnType<typeof collectFindings>): Config {
  const hosts = readHosts(form, findings);
  const segments = readSegments(form, hosts, findings);
  const bridges = readBridges(form, findings);
  const routers = readRouters(form, bridges, segments, findings);
  const nat = readNat(form, { routers, bridges }, findings);
  const firewall = readFirewall(form, { segments, bridges, routers }, findings);
  const dhcp = readDhcp(form, segments, bridges, routers, findings);
  const apps = readApps(form, file, findings);
  checkAddresses(segments, bridges, routers, findings);
  checkReach(hosts, segments, bridges, routers, findings);
  checkRouteLoops(routers, findings);
  checkMesh({ hosts, segments, bridges, routers }, findings);

  const zoned = inZones({ segments, bridges, routers }, firewall);
  warnOfUnknownZones(zoned, findings);
  return {
    file,
    owner: form.owner,
    tls: readTlsPaths(form, file),
    hosts,
    ...zoned,
    nat,
    firewall,
    dhcp,
    apps,
  };
}
