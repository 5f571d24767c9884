/** Keeps every host of the file as the file says, over OVSDB: those that are dialled and those that dial in. */
import type { Logger } from 'pino';
import type { HostStatus } from '../../api/snapshot.ts';
import type { Config, Host } from '../../config/model.ts';
import type { Keeper } from '../../transport/keepalive.ts';
import { formatTarget, type PassiveTarget, parsePassiveTarget } from '../../transport/target.ts';
import type { OvsdbClient } from '../client/client.ts';
import { defaultOvsdbPort } from '../client/connect.ts';
import { dialHost } from './dial-host.ts';
import { acceptHosts, type DialIn, type HostIdentity } from './dial-in.ts';
import { type HostPlan, unknownHost } from './host-plan.ts';
import { createHostRunner, type HostRunner } from './host-runner.ts';
import { type BridgeView, emptyView, type InterfaceView } from './host-view.ts';
import { mtuWarnings } from './mtu-warnings.ts';
import type { BridgeSurvey, Release } from './plan-release.ts';
import { resolvePorts, selectPorts } from './port-selection.ts';
import { type SegmentMtu, segmentMtu, settledMtuOf, type UnderlayMemory, withMtus } from './segment-mtu.ts';
import { createSelectedPorts, type KnownInterfaces } from './selected-ports.ts';

export interface ManageHostsOptions {
  config: Config;
  /** Where Flowloom listens for OpenFlow; undefined: nowhere, so that bridges get no controller. */
  openflowPort: number | undefined;
  /** Where hosts dial in, `ptcp:6640` or `punix:PATH`; undefined: nowhere. */
  listen: string | PassiveTarget | undefined;
  /** Hosts are only looked at, until they are released. */
  hold?: boolean;
  log: Logger;
  /** Something of `status`, `hosts` or `segmentMtus` may have changed. */
  onChange(): void;
}

export interface ManagedHost {
  name: string;
  bridges: BridgeView[];
  interfaces: InterfaceView[];
}

export interface HostManager {
  /** What is listened on, with the real port. */
  readonly listening: PassiveTarget | undefined;
  setConfig(config: Config): void;
  /**
   * The file in force, or another, with the ports that its selectors select now. The same object as long as they are the
   * same; of the last state known where a database is not reached.
   */
  network(config?: Config): Config;
  /** In the file's order. */
  status(): HostStatus[];
  hosts(): ManagedHost[];
  /** What a file would change on its hosts, in the file's order; changes nothing. */
  plan(config: Config): HostPlan[];
  /** By segment. */
  segmentMtus(): ReadonlyMap<string, SegmentMtu>;
  /** What others have on the bridges that are ours, in the file's order. */
  survey(): HostSurvey[];
  /** What `release` would change, in the file's order. */
  planRelease(release: (host: string) => Release): HostPlan[];
  /** Takes all that is ours from the hosts that are connected, for good. */
  release(release: (host: string) => Release): void;
  /** Hosts where that is not done. */
  unreleased(): string[];
  /** Ends all connections; what was configured stays. */
  stop(): Promise<void>;
}

export interface HostSurvey {
  host: Host;
  /** undefined: its database is not connected, `error` says why. */
  bridges: BridgeSurvey[] | undefined;
  error: string;
}

interface Managed {
  runner: HostRunner;
  keeper: Keeper | undefined;
}

/** Rejects where it cannot listen. */
export async function manageHosts(options: ManageHostsOptions): Promise<HostManager> {
  const { openflowPort, log, hold = false } = options;
  let { config } = options;
  let mtus: ReadonlyMap<string, SegmentMtu> | undefined;
  const underlays: UnderlayMemory = new Map();
  let dialIn: DialIn | undefined;
  const managed = new Map<string, Managed>();
  const selectedPorts = createSelectedPorts(log);
  /** What the ports that take their MTU from a segment were last given. */
  let appliedMtus = '';
  const onChange = () => {
    mtus = undefined;
    applyMtus();
    options.onChange();
  };

  const where =
    typeof options.listen === 'string'
      ? parsePassiveTarget(options.listen, { defaultPort: defaultOvsdbPort, tls: true })
      : options.listen;
  /** Read at each handshake; a new file's take the place of these. */
  const listenKeys = config.tls && { ...config.tls };
  if (where !== undefined) dialIn = await acceptHosts({ listen: where, tls: listenKeys, log, accept });
  for (const host of config.hosts) manage(host);

  function manage(host: Host): void {
    const runner = createHostRunner({ host, config, openflowPort, segmentMtu: settledMtu, hold, log, onChange });
    const keeper = host.ovsdb === undefined ? undefined : dialHost(runner, host.ovsdb, config.tls, log);
    managed.set(host.name, { runner, keeper });
    if (host.ovsdb === undefined) log.info(`${host.name} is expected to dial in as ${host.systemId} (${host.source})`);
  }

  function accept(
    identity: HostIdentity,
    client: OvsdbClient,
    localAddress: string | undefined,
    from: string,
  ): boolean {
    // A copy of a machine may bear the name of another host of the file: its system-id goes first.
    const called = (name: string | undefined) =>
      config.hosts.find(({ ovsdb, systemId }) => ovsdb === undefined && systemId === name);
    const host = called(identity.systemId) ?? called(identity.hostname);
    const found = host === undefined ? undefined : managed.get(host.name);
    if (found === undefined) return false;
    if (found.runner.client !== undefined)
      log.warn(`${host?.name} dialled in again, from ${from}; its older connection is closed`);
    else log.info(`${host?.name} dialled in from ${from}`);
    void found.runner.attach(client, localAddress);
    return true;
  }

  function release({ runner, keeper }: Managed): void {
    keeper?.stop();
    runner.stop();
  }

  function interfaces(): KnownInterfaces {
    const known = [...managed].filter(([, { runner }]) => runner.view() !== emptyView);
    return new Map(known.map(([name, { runner }]) => [name, runner.view().interfaces]));
  }
  const selected = () => selectedPorts(config, interfaces());

  function currentMtus(): ReadonlyMap<string, SegmentMtu> {
    mtus ??= segmentMtu(config, interfaces(), underlays);
    return mtus;
  }

  /** A number that may still change is nobody's to apply: a restart would narrow ports for as long as a host is away. */
  function settledMtu(segment: string): number | null | undefined {
    return settledMtuOf(currentMtus(), segment);
  }

  /** What it will be with another file, once the tunnels of that stand. */
  function foreseenMtu(next: Config): typeof settledMtu {
    const known = interfaces();
    const foreseen = segmentMtu(resolvePorts(next, known), known, new Map(underlays), 'foreseen');
    return (segment) => settledMtuOf(foreseen, segment);
  }

  function applyMtus(): void {
    const overlaid = config.segments.filter(({ overlay }) => overlay !== undefined);
    if (overlaid.length === 0) return;
    const next = JSON.stringify(overlaid.map(({ name }) => [name, settledMtu(name)]));
    if (next === appliedMtus) return;
    appliedMtus = next;
    for (const { runner } of managed.values()) runner.reconsider();
  }

  /** The same object until ports or MTUs are others. */
  let given: { from: Config; mtus: string; network: Config } | undefined;
  function network(): Config {
    const from = selected().network;
    if (given?.from !== from || given.mtus !== appliedMtus) {
      given = { from, mtus: appliedMtus, network: withMtus(from, settledMtu) };
    }
    return given.network;
  }

  function takeKeys(keys: NonNullable<Config['tls']>, next: Config['tls']): void {
    if (next !== undefined) Object.assign(keys, next);
    else if (where?.kind === 'pssl')
      log.warn(`${formatTarget(where)} goes on with the keys of the file before, for this one has no \`tls\``);
  }

  const inOrder = () => config.hosts.flatMap(({ name }) => managed.get(name)?.runner ?? []);

  return {
    get listening() {
      return dialIn?.target;
    },
    setConfig(next) {
      // Hosts that are dialled with other keys from now on are dialled anew.
      const sameKeys = JSON.stringify(next.tls) === JSON.stringify(config.tls);
      if (!sameKeys && listenKeys !== undefined) takeKeys(listenKeys, next.tls);
      config = next;
      mtus = undefined;
      const hosts = new Map(next.hosts.map((host) => [host.name, host]));
      for (const [name, entry] of [...managed]) {
        const host = hosts.get(name);
        const same =
          host?.ovsdb === entry.runner.host.ovsdb &&
          host?.systemId === entry.runner.host.systemId &&
          (sameKeys || host?.ovsdb?.startsWith('ssl:') !== true);
        if (host !== undefined && same) entry.runner.setConfig(next, host);
        else {
          release(entry);
          managed.delete(name);
          if (host === undefined) log.info(`${name} is no longer in the file; what was configured there stays`);
        }
      }
      for (const host of next.hosts) if (!managed.has(host.name)) manage(host);
      dialIn?.reconsider();
      onChange();
    },
    network: (other = config) => (other === config ? network() : resolvePorts(other, interfaces())),
    status() {
      const { network, refused, waiting } = selected();
      const warnings = mtuWarnings(network, currentMtus(), interfaces());
      return inOrder().map((runner) => {
        const status = runner.status();
        return {
          ...status,
          waiting: [...status.waiting, ...(waiting.get(status.name) ?? [])],
          warnings: [...status.warnings, ...(refused.get(status.name) ?? []), ...(warnings.get(status.name) ?? [])],
        };
      });
    },
    hosts: () =>
      inOrder().map((runner) => {
        const { bridges, interfaces } = runner.view();
        return { name: runner.host.name, bridges, interfaces };
      }),
    plan(next) {
      const mtuOf = next === config ? settledMtu : foreseenMtu(next);
      return next.hosts.map((host) => planOf(next, host, managed.get(host.name)?.runner, mtuOf));
    },
    segmentMtus: currentMtus,
    survey: () =>
      inOrder().map((runner) => ({ host: runner.host, bridges: runner.survey(), error: connectionWords(runner) })),
    planRelease: (release) =>
      inOrder().map((runner) => {
        const { name } = runner.host;
        return runner.planRelease(release(name)) ?? unknownHost(name, connectionWords(runner));
      }),
    release(release) {
      for (const runner of inOrder()) if (runner.survey() !== undefined) runner.release(release(runner.host.name));
    },
    unreleased: () => inOrder().flatMap(({ host, released }) => (released ? [] : [host.name])),
    async stop() {
      for (const entry of managed.values()) release(entry);
      await dialIn?.close();
    },
  };
}

function planOf(
  config: Config,
  host: Host,
  runner: HostRunner | undefined,
  mtuOf: (segment: string) => number | null | undefined,
): HostPlan {
  const same = runner?.host.ovsdb === host.ovsdb && runner?.host.systemId === host.systemId;
  if (runner === undefined || !same)
    return unknownHost(host.name, 'the host is not in the file in force, so its database was not read');
  const plan = runner.plan(config, host, mtuOf);
  const { refused } = selectPorts(config, host.name, runner.view().interfaces);
  if (plan !== undefined) return { ...plan, refused: [...plan.refused, ...refused] };
  return unknownHost(host.name, connectionWords(runner));
}

function connectionWords(runner: HostRunner): string {
  const { error, state } = runner.status();
  return `its database is not connected: ${error ?? state}`;
}
