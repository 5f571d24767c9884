/** Reads `firewall.services`: names of the file's own for protocols and ports. */

import { suggestion } from '../../text/suggest.ts';
import type { Findings } from '../findings.ts';
import type { Service } from '../model.ts';
import type { Path } from '../path.ts';
import type { FileForm } from '../schema-file.ts';
import { merged, type NoService, PROTOCOLS } from './protocols.ts';
import { type OwnServices, readService, serviceNames } from './services.ts';

/** One may name another that stands above it. */
export function readServices(form: NonNullable<FileForm['firewall']>, findings: Findings): OwnServices {
  const own = new Map<string, Service[]>();
  for (const [name, given] of Object.entries(form.services ?? {})) {
    const path: Path = ['firewall', 'services', name];
    if (name === 'all' || name === 'protocol' || PROTOCOLS.has(name)) {
      findings.problem(path, `service \`${name}\`: this name means a protocol`, 'choose another name', 'key');
      continue;
    }
    const services: Service[] = [];
    for (const [i, text] of (Array.isArray(given) ? given : [given]).entries()) {
      const read = readService(text, own);
      if ('services' in read) services.push(...(read.services ?? []));
      if (!('services' in read))
        reportService(below(read, name, form), own, Array.isArray(given) ? [...path, i] : path, findings);
      else if (read.services === undefined) {
        findings.problem(path, `service ${name}: \`all\` is no protocol`, 'write it like `tcp 25565`');
      }
    }
    own.set(name, merged(services));
  }
  return own;
}

/** It stands further down, or names itself. */
function below(why: NoService, name: string, form: NonNullable<FileForm['firewall']>): NoService {
  if (!('unknown' in why) || !Object.hasOwn(form.services ?? {}, why.unknown)) return why;
  const { unknown } = why;
  const wrong =
    unknown === name ? `service ${name} names itself` : `service ${name} names \`${unknown}\`, which stands below it`;
  return { wrong, fix: 'name only services that stand above it' };
}

export function reportService(why: NoService, own: OwnServices, path: Path, findings: Findings): void {
  if ('wrong' in why) {
    findings.problem(path, why.wrong, why.fix);
    return;
  }
  const how = 'write `tcp PORT`, `udp PORT`, `all`, or a name like ssh, http, dns, ping';
  findings.problem(path, `unknown service \`${why.unknown}\``, suggestion(why.unknown, serviceNames(own), how));
}
