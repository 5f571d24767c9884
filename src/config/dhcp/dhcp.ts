/** Reads `dhcp`: per segment a server, or a relay to another one, and the router's advertisements. */

import type { Findings } from '../findings.ts';
import type { Bridge, DhcpSegment, Router, RouterInterface, Segment } from '../model.ts';
import type { Path } from '../path.ts';
import type { FileForm } from '../schema-file.ts';
import { readAdvertisement } from './advertise.ts';
import { portsOn } from './in-segment.ts';
import { readRelay } from './relay.ts';
import { readServer } from './server.ts';

export type DhcpForm = NonNullable<FileForm['dhcp']>[string];

/** What of the file the settings of a segment are held against. */
export interface Surroundings {
  path: Path;
  /** `dhcp of segment loc` */
  where: string;
  segment: Segment;
  bridges: readonly Bridge[];
  router: Router | undefined;
  /** The router's interface on the segment. */
  interface: RouterInterface | undefined;
  findings: Findings;
}

/** Keys of the server's, which a relay has no use for. */
const OF_SERVER = ['range', 'reserve', 'options', 'router', 'dns', 'domain', 'server'] as const;

export function readDhcp(
  form: FileForm,
  segments: readonly Segment[],
  bridges: readonly Bridge[],
  routers: readonly Router[],
  findings: Findings,
): DhcpSegment[] {
  return Object.entries(form.dhcp ?? {}).flatMap(([name, given]): DhcpSegment[] => {
    const path = ['dhcp', name];
    if (!findings.known(path, 'segment', name, findings.declared('segments'), 'segments')) return [];
    const segment = segments.find((each) => each.name === name);
    if (segment === undefined || given === null) return [];
    const here = routers.filter((each) => each.interfaces.some((one) => one.segment === name));
    const router = here.find((each) => hasAddress(each, name, given.server)) ?? here[0];
    const around: Surroundings = {
      ...{ path, where: `dhcp of segment ${name}`, segment, bridges, router, findings },
      interface: router?.interfaces.find((one) => one.segment === name),
    };
    return [{ segment: name, source: findings.source(path), ...readSegment(given, around) }];
  });
}

function hasAddress({ interfaces }: Router, segment: string, address: string | undefined): boolean {
  return interfaces.some(
    (each) => each.segment === segment && each.addresses.some((text) => addressOf(text) === address),
  );
}

function addressOf(text: string): string {
  return text.slice(0, text.indexOf('/'));
}

function readSegment(given: DhcpForm, around: Surroundings): Omit<DhcpSegment, 'segment' | 'source'> {
  const { path, where, segment, findings } = around;
  const advertise = given.advertise && readAdvertisement(given.advertise, around);
  if (given.relay !== undefined) {
    const both = OF_SERVER.find((key) => given[key] !== undefined);
    if (both !== undefined) {
      findings.problem(
        [...path, both],
        `${where}: \`${both}\` is for a server, and \`relay\` leaves that to another one`,
        `remove \`${both}\`, or \`relay\``,
        'key',
      );
    }
    return { server: undefined, relay: readRelay(given.relay, around), advertise };
  }
  const isServer = OF_SERVER.some((key) => given[key] !== undefined) || hasStationWithAddress(around);
  if (isServer) return { server: readServer(given, around), relay: undefined, advertise };
  if (given.advertise === undefined && !findings.broken(path)) {
    findings.problem(
      path,
      `${where} gives nothing: it has no \`range\`, no \`relay\` and no \`advertise\``,
      `add \`range: FIRST-LAST\`, addresses of ${segment.subnets.find((text) => !text.includes(':')) ?? 'its subnet'}`,
      'key',
    );
  }
  return { server: undefined, relay: undefined, advertise };
}

/** A port with an address is given that one, also where there is no range. */
function hasStationWithAddress({ bridges, segment, path, findings }: Surroundings): boolean {
  if (findings.declared(...path.map(String)).has('advertise')) return false;
  return portsOn(bridges, segment.name).some(({ addresses }) => addresses.length > 0);
}
