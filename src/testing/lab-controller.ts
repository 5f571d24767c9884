/** The controller of a lab: apps, switches and what brings them together as in `flowloom run`, over streams in memory. */

import { duplexPair } from 'node:stream';
import { pino } from 'pino';
import type { AppRequest } from '../app/app-request.ts';
import type { AnyApp } from '../app/define-app.ts';
import { type AppHost, createAppHost } from '../app/host.ts';
import type { Binding, SwitchSite } from '../app/switch-site.ts';
import type { ToldEvent } from '../app/telling.ts';
import type { Config } from '../config/model.ts';
import { formatProblems, type Problem } from '../config/problem.ts';
import { builtInApp, requestApps } from '../control/load-apps.ts';
import { createSwitches, type Switches } from '../control/switches.ts';
import { isLooking } from '../control/topology-service.ts';
import type { Memory } from '../flow/allocate/memory.ts';
import { appOfHalf } from '../flow/cookie.ts';
import { MAIN, namespaceOf } from '../flow/namespace.ts';
import type { LabClock } from './lab-clock.ts';
import type { LabSwitch } from './lab-network.ts';

/** An app with its part of the file; or one that is built in, by its name. */
export type LabApp = AnyApp | string | readonly [app: AnyApp | string, config?: unknown];

export interface LabController {
  readonly host: AppHost;
  site(dpid: string): SwitchSite | undefined;
  /** Throws where they can't be loaded; then all is as it was. */
  load(apps: readonly LabApp[], config: Config | undefined): Promise<void>;
  connect(switches: Iterable<LabSwitch>): void;
  /** Resolves when what is scheduled is done. */
  settled(): Promise<unknown>;
  /** A switch is not up yet, or some of its ports do not carry yet. */
  isComingUp(): boolean;
  /** What went wrong: apps that failed, flows that were refused, switches that could not be connected. */
  problems(): string[];
  close(): void;
}

export interface LabControllerOptions {
  clock: LabClock;
  memory: Memory;
  binding(dpid: string): Binding | undefined;
  /** When packets went by a flow last, by its identity. */
  usedAt(dpid: string, flow: string): number | undefined;
  /** A line of the log. */
  logged(level: string, text: string): void;
  /** An app told people something. */
  told(event: ToldEvent): void;
  moved(): void;
  /** An app is given a packet. */
  packetIn(app: string, site: SwitchSite, frame: Uint8Array): void;
}

export function createLabController(options: LabControllerOptions): LabController {
  const { clock, memory, moved, told, usedAt } = options;
  const log = logTo(options.logged);
  let host = createAppHost({ clock, memory, log, told, usedAt });
  let network: Config | undefined;
  let expected = 0;
  let switches = makeSwitches();
  const links: (() => void)[] = [];

  function makeSwitches(): Switches {
    return createSwitches({
      ...{ host, log, binding: options.binding },
      network: () => network,
      changed: () => undefined,
      happened: () => undefined,
      follower: {
        connected: watchPacketIns,
        settled: () => undefined,
        disconnected: () => undefined,
        flowRemoved: () => undefined,
      },
    });
  }

  function watchPacketIns(site: SwitchSite): void {
    const { receivePacketIn } = site;
    site.receivePacketIn = (place) => {
      const app = host.byNumber(appOfHalf(host.namespace, place.cookieHigh));
      const frame = place.bytes.slice(place.dataStart, place.end);
      if (app !== undefined) options.packetIn(app.name, site, frame);
      receivePacketIn(place);
    };
  }

  return {
    get host() {
      return host;
    },
    site: (dpid) => switches.connected.get(dpid)?.site,
    async load(apps, config) {
      const namespace = config === undefined ? MAIN : namespaceOf(config.owner);
      if (host.apps.size === 0 && namespace.owner !== host.namespace.owner) {
        host = createAppHost({ clock, memory, log, told, usedAt, namespace });
        switches = makeSwitches();
      }
      const { requests, problems } = await requestsOf(apps, config);
      if (problems.length === 0) problems.push(...host.load(requests));
      if (problems.length > 0) throw new Error(formatProblems(problems).trimEnd());
      network = config;
      switches.attach(true);
    },
    connect(those) {
      for (const { sim, name } of those) {
        expected++;
        const [ours, theirs] = duplexPair();
        const link = sim.connect({
          write(bytes) {
            moved();
            // It may be written into again.
            theirs.write(bytes.slice());
          },
          end: () => theirs.destroy(),
        });
        theirs.on('data', (chunk: Uint8Array) => {
          moved();
          link.receive(chunk);
        });
        theirs.once('close', () => link.close());
        links.push(() => theirs.destroy());
        switches.accept(ours, name);
      }
    },
    settled: () => Promise.all(Array.from(switches.connected.values(), ({ site }) => site.reconciler.settled())),
    isComingUp() {
      const connected = [...switches.connected.values()];
      const isUp = ({ site, state }: (typeof connected)[number]) => state === 'up' && !isLooking(host, site.dpid);
      return connected.length < expected || !connected.every(isUp);
    },
    problems() {
      const failed = [...host.apps.values()].flatMap(({ name, error }) =>
        error === null ? [] : [`app "${name}" failed in ${error}`],
      );
      const refused = Array.from(switches.connected.values(), ({ site }) => site.reconciler.problems()).flat();
      return [...failed, ...refused];
    },
    close() {
      switches.close();
      host.commons.close();
      for (const end of links) end();
    },
  };
}

/** As a file's where there is one; else these and no others. */
async function requestsOf(
  apps: readonly LabApp[],
  config: Config | undefined,
): Promise<{ requests: AppRequest[]; problems: Problem[] }> {
  const given = apps.map((each): [AnyApp, unknown] => {
    const [app, own = {}] = isPair(each) ? each : [each];
    return [typeof app === 'string' ? builtIn(app) : app, own];
  });
  const own = given.map(([definition, part]) => ({
    ...{ definition, config: part, source: `the lab's apps, ${definition.name}`, sources: {}, network: config },
  }));
  if (config === undefined) return { requests: own, problems: [] };
  const { requests, problems } = await requestApps(config, [], async (name, _, source, wrong) => {
    const found = given.find(([app]) => name === app.name || name.split(/[/.]/).includes(app.name));
    if (found === undefined) wrong.push({ source, message: `the lab has no app ${name}`, fix: 'give it under `apps`' });
    return found?.[0];
  });
  const named = new Set(requests.map(({ definition }) => definition));
  return { requests: [...requests, ...own.filter(({ definition }) => !named.has(definition))], problems };
}

function isPair(app: LabApp): app is readonly [AnyApp | string, unknown?] {
  return Array.isArray(app);
}

function builtIn(name: string): AnyApp {
  const app = builtInApp(name);
  if (app === undefined) throw new Error(`no app "${name}" is built in: give its definition instead of its name`);
  return app;
}

/** Lines as a person reads them. */
function logTo(logged: LabControllerOptions['logged']) {
  const write = (line: string) => {
    const { level, msg, app, switch: at } = JSON.parse(line) as Record<string, string>;
    logged(level ?? '', app === undefined ? (msg ?? '') : `${app} on ${at}: ${msg}`);
  };
  const formatters = { level: (label: string) => ({ level: label }) };
  return pino({ level: 'debug', base: null, timestamp: false, formatters }, { write });
}
