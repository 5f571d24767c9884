/** Keeps one host as the file says: whenever its database or the file changes, plans the differences and writes them in one transaction. */

import type { Logger } from 'pino';
import { vswitch } from '../../../proto/ovsdb/index.ts';
import type { HostStatus } from '../../api/snapshot.ts';
import type { Config, Host } from '../../config/model.ts';
import { faultPoint } from '../../fault-point.ts';
import { type OvsdbClient, TransactionError } from '../client/client.ts';
import { createReplica } from '../replica/replica.ts';
import { controllerTarget } from './controller-target.ts';
import { type DesiredOptions, desiredHost, type HostDesired } from './desired.ts';
import { createDesiredMemory, keepSamePorts } from './desired-memory.ts';
import { createDrift } from './drift.ts';
import { type HostPlan, planDesired } from './host-plan.ts';
import { createHostSight } from './host-sight.ts';
import { hostStatus } from './host-status.ts';
import { failedBridges, type HostView } from './host-view.ts';
import { managedTables } from './managed-tables.ts';
import { planHost } from './plan.ts';
import type { Plan } from './plan-builder.ts';
import { describeFailure } from './plan-failure.ts';
import { createPlanMemory } from './plan-memory.ts';
import { type BridgeSurvey, nothingOf, type Release, surveyBridges } from './plan-release.ts';
import { createSendGuard } from './send-guard.ts';

export interface HostRunnerOptions {
  host: Host;
  config: Config;
  /** undefined: Flowloom listens for no switches. */
  openflowPort: number | undefined;
  /** The largest packet that a segment carries, as DesiredOptions has it. */
  segmentMtu: NonNullable<DesiredOptions['segmentMtu']>;
  /** Only looked at, until it is released. */
  hold: boolean;
  log: Logger;
  onChange(): void;
}

export interface HostRunner {
  readonly host: Host;
  setConfig(config: Config, host: Host): void;
  /** Something that the file's meaning rests on has changed: a segment's MTU. */
  reconsider(): void;
  /** A connection stands; `localAddress` is our end of it, where it has one. Resolves when the copy is filled. */
  attach(client: OvsdbClient, localAddress: string | undefined): Promise<void>;
  /** What the connection does while there is none. */
  connection(state: HostStatus['state'], error: string | undefined): void;
  readonly client: OvsdbClient | undefined;
  readonly stopped: boolean;
  status(): HostStatus;
  view(): HostView;
  /** What a file would change, its segments' MTU being that; undefined: the copy of the database is not current. */
  plan(config: Config, host: Host, segmentMtu: HostRunnerOptions['segmentMtu']): HostPlan | undefined;
  /** What others have on the bridges that are ours; undefined: the copy of the database is not current. */
  survey(): BridgeSurvey[] | undefined;
  /** What `release` would change. */
  planRelease(release: Release): HostPlan | undefined;
  /** Takes away all that is ours, for good. */
  release(release: Release): void;
  /** It is done; ovs-vswitchd has taken it up. */
  readonly released: boolean;
  stop(): void;
}

const mostChanges = 100;
const NOT_SETTLED =
  'ovs-vswitchd has not taken up the last change yet: is it running? (systemctl status openvswitch-switch)';

export function createHostRunner(options: HostRunnerOptions): HostRunner {
  const { openflowPort, onChange } = options;
  let { host, config } = options;
  const { log } = options;
  const name = host.name;
  const replica = createReplica(managedTables);
  const portsByName = replica.index('Port', 'name');
  const portNamed = (portName: string) => portsByName.get(portName)[0];
  const guard = createSendGuard();
  let client: OvsdbClient | undefined;
  let localAddress: string | undefined;
  let state: HostStatus['state'] = host.ovsdb === undefined ? 'waiting' : 'connecting';
  let since = Date.now();
  let connectionError: string | undefined;
  let transactionError: string | undefined;
  let refused: string[] = [];
  const sight = createHostSight(name, log, () => {
    if (!stopped) onChange();
  });
  const changes: string[] = [];
  const drift = createDrift();
  /** What the file wants here, made once for as long as it stays the same. */
  let wanted: HostDesired | undefined;
  let wantedTarget: string | undefined;
  let wantedConfig: Config | undefined;
  let releasing: HostDesired | undefined;
  /** What was written last came from it. */
  let sent: HostDesired | undefined;
  let released = false;
  const desiredMemory = createDesiredMemory();
  let planMemory = createPlanMemory();
  let timer: NodeJS.Timeout | undefined;
  let sending = false;
  let again = false;
  let stopped = false;

  replica.onChange(() => {
    if (replica.state === 'current') review();
    else onChange();
  });

  function desired(): HostDesired {
    if (releasing !== undefined) return releasing;
    const target = controllerTarget(host, localAddress, openflowPort);
    if (wanted === undefined || wantedTarget !== target) {
      wanted = desiredHost(config, host.name, {
        controllerTarget: target,
        segmentMtu: options.segmentMtu,
        memory: desiredMemory,
      });
      wantedTarget = target;
      if (wantedConfig === config) drift.follow(wanted);
      wantedConfig = config;
    }
    return wanted;
  }

  /** Looks at the whole host again: what waits, what differs; writes what differs. */
  function review(): void {
    if (stopped || replica.state !== 'current' || client === undefined) return;
    if (sending) {
      again = true;
      return;
    }
    const wanted = desired();
    const snapshot = replica.snapshot();
    if (options.hold && releasing === undefined) {
      sight.see(snapshot, wanted);
      return;
    }
    const plan = planHost(snapshot, wanted, replica.missing, planMemory, portNamed);
    clearTimeout(timer);
    const drifted = drift.compare(wanted, plan, host.drift);
    for (const line of drifted) log.warn(`${name}: somebody changed what is Flowloom's: ${line}`);
    // What was found left is only told: a new file, or a new start, makes it as the file says.
    if (plan.operations.length === 0) transactionError = undefined;
    else if (!drift.left) {
      const key = JSON.stringify(plan.operations);
      const pause = guard.pause(key, Date.now());
      if (pause === 0) void send(client, plan, key);
      else timer = setTimeout(review, pause);
    }
    if (releasing !== undefined) {
      const [root] = snapshot.Open_vSwitch.values();
      released = plan.operations.length === 0 && (root === undefined || root.cur_cfg >= root.next_cfg);
    }
    noteRefused(plan.refused);
    // What was found to do is on its way before anybody is told.
    sight.see(snapshot, wanted);
  }

  async function send(to: OvsdbClient, plan: Plan, key: string): Promise<void> {
    sending = true;
    again = false;
    const repeats = guard.sent(key, Date.now());
    for (const line of plan.changes) log.info(`${name}: ${line}`);
    try {
      const outcome = to.transact(vswitch.name, plan.operations);
      faultPoint('hosts: transaction sent', 'flushed');
      await outcome;
      faultPoint('hosts: transaction answered');
      sent = releasing;
      changes.push(...plan.changes);
      changes.splice(0, changes.length - mostChanges);
      transactionError =
        repeats < 3
          ? undefined
          : `written ${repeats} times and gone each time: does another program change it back? ${plan.changes[0]}`;
      if (transactionError !== undefined) log.warn(`${name}: ${transactionError}`);
      log.debug(`${name}: wrote ${plan.changes.length} changes in one transaction`);
    } catch (error) {
      if (error instanceof TransactionError && error.failure.error === 'timed out') {
        log.info(`${name}: somebody changed the same meanwhile, so nothing was written; looking again`);
      } else {
        transactionError = describeFailure(error, plan);
        if (client === to) log.error(`${name}: ${transactionError}`);
        // After a time-out the outcome is unknown: a new connection shows it.
        if (!(error instanceof TransactionError)) to.close(transactionError);
      }
    }
    sending = false;
    if (stopped) return;
    if (client !== to) {
      // The next connection may have had its look while this one was still awaited.
      if (again) review();
      return;
    }
    if (again || transactionError !== undefined) review();
    else timer = setTimeout(review, guard.pause(key, Date.now()));
    onChange();
  }

  function noteRefused(next: string[]): void {
    for (const line of next) if (!refused.includes(line)) log.error(`${name}: ${line}`);
    refused = next;
  }

  function setState(next: HostStatus['state'], error: string | undefined): void {
    if (next !== state) since = Date.now();
    state = next;
    connectionError = error;
  }

  return {
    get host() {
      return host;
    },
    get client() {
      return client;
    },
    get stopped() {
      return stopped;
    },
    setConfig(nextConfig, nextHost) {
      config = keepSamePorts(config, nextConfig);
      host = nextHost;
      wanted = undefined;
      sight.reset(false);
      guard.reset();
      review();
    },
    reconsider() {
      wanted = undefined;
      review();
    },
    async attach(next, address) {
      client?.close('the host connected anew');
      client = next;
      localAddress = address;
      sight.reset(true);
      guard.reset();
      // Another server may have another schema.
      planMemory = createPlanMemory(planMemory.controlled);
      void next.closed.then((error) => {
        if (client !== next) return;
        client = undefined;
        // The row of Manager by which this connection came may be among what went.
        if (releasing !== undefined && sent === releasing) released = true;
        clearTimeout(timer);
        if (!stopped) setState('waiting', error.message);
        onChange();
      });
      setState('connected', undefined);
      try {
        await replica.follow(next);
      } catch (error) {
        next.close(error instanceof Error ? error.message : String(error));
        return;
      }
    },
    connection(next, error) {
      setState(next, error ?? (next === 'connecting' ? connectionError : undefined));
      onChange();
    },
    status() {
      const view = sight.view();
      return hostStatus({
        host,
        view,
        state,
        since,
        error: connectionError ?? transactionError ?? refused[0],
        changes,
        waiting: sight.waiting(),
        drift: drift.status(host.drift),
        warnings: [
          ...refused,
          ...(client === undefined || wanted === undefined ? [] : failedBridges(view, wanted)),
          ...(client === undefined || view.settled ? [] : [NOT_SETTLED]),
        ],
      });
    },
    view: () => sight.view(),
    plan(planned, plannedHost, segmentMtu) {
      if (replica.state !== 'current') return undefined;
      return planDesired(
        name,
        replica.snapshot(),
        desiredHost(planned, name, {
          controllerTarget: controllerTarget(plannedHost, localAddress, openflowPort),
          segmentMtu,
        }),
        replica.missing,
      );
    },
    survey: () => (replica.state === 'current' ? surveyBridges(replica.snapshot(), config.owner) : undefined),
    planRelease(release) {
      if (replica.state !== 'current') return undefined;
      return planDesired(name, replica.snapshot(), nothingOf(config.owner, release), replica.missing);
    },
    release(release) {
      releasing = nothingOf(config.owner, release);
      sight.reset(false);
      guard.reset();
      planMemory = createPlanMemory();
      review();
    },
    get released() {
      return released;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      sight.stop();
      client?.close('stopped');
    },
  };
}
