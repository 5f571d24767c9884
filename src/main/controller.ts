/** `flowloom run`: wires hosts, switches, apps and the API together, and keeps the file applied. */

import type { Logger } from 'pino';
import { checkListen } from '../api/listen.ts';
import type { ApiSource } from '../api/route.ts';
import { startApi } from '../api/server.ts';
import { PUBLISHED_TOPICS } from '../api/shapes/published.ts';
import type { Snapshot, Topic } from '../api/snapshot.ts';
import { createAppHost } from '../app/host.ts';
import { takeStrayErrors } from '../app/stray-errors.ts';
import { startWatchdog } from '../app/watchdog.ts';
import { every, systemClock } from '../clock.ts';
import type { Config } from '../config/model.ts';
import { formatProblems } from '../config/problem.ts';
import { whose } from '../control/whose.ts';
import { faultPoint } from '../fault-point.ts';
import { MAIN, namespaceOf } from '../flow/namespace.ts';
import { prepareCodecs } from '../openflow/prepare.ts';
import { type HostManager, manageHosts } from '../ovsdb/manager/manager.ts';
import { createPatientStore } from '../store/patient.ts';
import { StoreError } from '../store/sqlite.ts';
import { createStore, type Store } from '../store/store.ts';
import type { Demand } from '../telemetry/counters/demand.ts';
import { listen } from '../transport/listen.ts';
import { formatTarget, type PassiveTarget, parsePassiveTarget } from '../transport/target.ts';
import { createAppCode } from './app-code.ts';
import { createApplier } from './applier.ts';
import { createCounterStore } from './counter-store.ts';
import { createCounters } from './counters.ts';
import { createFileInForce, keptIn } from './file-in-force.ts';
import { createHappenings } from './happenings.ts';
import { requestApps } from './load-apps.ts';
import { otherOwner } from './other-owner.ts';
import { pipelineMap } from './pipeline.ts';
import { createPlanner } from './plan.ts';
import { createReleaser, type Releaser } from './release.ts';
import { createSnapshots } from './snapshots.ts';
import { createSwitches } from './switches.ts';
import { sayingInstead } from './taken-address.ts';
import { traceLive } from './trace.ts';
import { UnusableError } from './unusable.ts';

export interface RunOptions {
  file: string | undefined;
  /** Targets as Open vSwitch writes them, or `none`. */
  openflow: string;
  ovsdb: string;
  http: string;
  apps: string[];
  /** Folder for what must outlive the process; undefined: nothing is kept. */
  state: string | undefined;
  token: string | undefined;
  /** Folder of the dashboard's built page. */
  page: string;
  version: string;
  log: Logger;
  /** Everything of ours was taken away, as was asked over the API; 0: all of it. */
  released?(code: number): void;
  /** Only looks, so that all can be released: nothing is put on hosts and switches. */
  hold?: boolean;
}

export interface Controller {
  /** What it was made of: the file, and the code of apps by path. */
  files(): string[];
  readonly releaser: Releaser;
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** What topics of the stream show: ports and flows each second, what says how many flows there are less often. */
const WATCHED_FOR: Partial<Record<Topic, Demand[]>> = {
  status: [
    { kinds: ['port'], every: 1000 },
    { kinds: ['flow'], every: 5000 },
  ],
  flows: [
    { kinds: ['flow'], every: 1000 },
    { kinds: ['table'], every: 5000 },
  ],
  rules: [{ kinds: ['flow'], every: 1000 }],
};

/** What apps publish changes without being told: while somebody watches it is looked at so often. Milliseconds. */
const LOOK_AT_PUBLISHED = 1000;

const OPENFLOW_PORT = 6653;
const OVSDB_PORT = 6640;

export async function runController(options: RunOptions): Promise<Controller> {
  const { file, log } = options;
  const openflowTarget = passiveTarget('--openflow', options.openflow, OPENFLOW_PORT);
  const ovsdbTarget = passiveTarget('--ovsdb', options.ovsdb, OVSDB_PORT, true);
  if (options.http !== 'none') checkHttp(options.http, options.token);
  const startedAt = Date.now();
  const store = openStore(options.state);
  const memory = createPatientStore(store, {
    failed: (error) =>
      log.error(`${store.file} can't be written (${error.message}): make room; what is new is in memory until then`),
    mended: () => log.info(`${store.file} is written again: all is in it`),
  });
  const watchdog = startWatchdog();
  const code = createAppCode();
  const noMoreStrays = takeStrayErrors({
    log,
    appOf: (file) => host.apps.get(code.appAt(file) ?? ''),
    fatal(error) {
      log.fatal(error, 'Flowloom itself failed');
      process.exit(1);
    },
  });
  const watchers = new Set<() => void>();
  const counters = createCounters({
    store: createCounterStore(store),
    failed: (error) => log.error(`the sums of counters are not saved: ${error.message}`),
    ownerOf: (dpid, cookie) => whose(host, switches.connected.get(dpid)?.site, cookie),
    changed() {
      for (const watcher of watchers) watcher();
    },
  });
  let hosts: HostManager | undefined;
  let stopped = false;
  /** Hosts and switches are there to be told of another file. */
  let running = false;
  const happenings = createHappenings({ hosts: () => hosts, apps: () => host.apps.values() });
  const files = createFileInForce({
    file,
    code,
    async put(config, find) {
      const { requests, problems } = await requestApps(config, options.apps, find);
      problems.push(...otherOwner(host.namespace, config));
      if (problems.length === 0) problems.push(...host.load(requests));
      // Their names are all that is needed of them.
      if (options.hold === true) return [];
      if (problems.length > 0 || !running) return problems;
      faultPoint('reload: apps loaded');
      if (config !== undefined) hosts?.setConfig(config);
      faultPoint('reload: hosts told');
      switches.attach(true);
      faultPoint('reload: switches told');
      return problems;
    },
    warn: (line) => log.warn(line),
    tell(text, isError) {
      if (isError === true) log.error(text);
      else log.info(text);
      happenings.add('file', files.status()?.path ?? 'no file', text);
    },
    kept: keptIn(memory),
  });
  const host = createAppHost({
    ...{ log, marks: watchdog.marks, memory },
    usedAt: (dpid, flow) => counters.flow(dpid, flow)?.movedAt,
    told(event) {
      happenings.told(event);
      announceSoon();
    },
    namespace: namespaceOf(files.owner() ?? MAIN.owner),
  });
  const wrong = await files.start();
  if (wrong.length > 0) throw new UnusableError(formatProblems(wrong).trimEnd());
  const { config } = files;

  /** The file as the apps see it: with the ports of other programs that it selects now. */
  function network(): Config | undefined {
    return hosts?.network() ?? files.config;
  }

  if (ovsdbTarget?.kind === 'pssl' && config !== undefined && config.tls === undefined) {
    throw new UnusableError(
      `--ovsdb ${options.ovsdb} needs Flowloom's own key and certificates: add \`tls: { privateKey: …, certificate: …, caCert: … }\` to ${file}`,
    );
  }

  let announced = false;
  let stale = false;
  /** Hosts, the file or the apps: switches may be other bridges now, or may have other ports. */
  function changed(): void {
    stale = true;
    announce();
  }

  /** Everybody who watches looks again, soon. */
  function announce(): void {
    if (announced || stopped) return;
    announced = true;
    setImmediate(() => {
      announced = false;
      if (stopped) return;
      if (stale) switches.attach(false);
      stale = false;
      happenings.look();
      for (const watcher of watchers) watcher();
    });
  }

  /** What apps tell may come often: everybody who watches hears of it a few times a second. */
  let isToldSoon = false;
  function announceSoon(): void {
    if (isToldSoon) return;
    isToldSoon = true;
    systemClock.after(250, () => {
      isToldSoon = false;
      announce();
    });
  }

  const switches = createSwitches({
    host,
    log,
    network,
    binding(dpid) {
      for (const managed of hosts?.hosts() ?? []) {
        for (const bridge of managed.bridges) {
          if (bridge.datapathId === dpid) return { host: managed.name, bridge: bridge.name };
        }
      }
      return undefined;
    },
    changed: announce,
    happened: happenings.add,
    counters,
  });
  if (options.hold === true) switches.halt();

  if (openflowTarget !== undefined) prepareCodecs();
  const openflow =
    openflowTarget === undefined
      ? undefined
      : await sayingInstead('--openflow ptcp:PORT', listen(openflowTarget, switches.accept));
  if (openflow !== undefined)
    log.info(`OpenFlow 1.4: waiting for switches on ${formatTarget(openflow.target)}${everyAddress(openflow.target)}`);
  if (config !== undefined) {
    const managing = manageHosts({
      config,
      openflowPort: openflow?.target.kind === 'ptcp' ? openflow.target.port : undefined,
      listen: ovsdbTarget,
      hold: options.hold === true,
      log,
      onChange: changed,
    });
    hosts = await sayingInstead('--ovsdb ptcp:PORT, or --ovsdb none', managing);
  }

  let address: string | null = null;
  const snapshots = createSnapshots({
    host,
    switches,
    counters,
    hosts: () => hosts,
    network,
    happenings,
    code,
    head: (): Pick<Snapshot, 'version' | 'startedAt' | 'file' | 'listening'> => ({
      version: options.version,
      startedAt,
      file: files.status(),
      listening: {
        openflow: openflow === undefined ? null : formatTarget(openflow.target),
        ovsdb: hosts?.listening === undefined ? null : formatTarget(hosts.listening),
        http: address,
      },
    }),
  });
  const planner = createPlanner({
    host,
    switches,
    hosts: () => hosts,
    config: () => files.config,
    fileError: () => files.status()?.error ?? null,
    code,
    appPaths: options.apps,
  });
  const releaser = createReleaser({
    host,
    switches,
    hosts: () => hosts,
    halt() {
      files.stop();
      switches.halt();
    },
  });
  let releaseCode: number | undefined;
  const source: ApiSource = {
    ...snapshots,
    pipeline: () =>
      pipelineMap(
        host,
        [...switches.connected.values()].map(({ site }) => ({ name: site.name(), woven: site.woven })),
      ),
    ...planner,
    trace: (request) => traceLive({ host, switches, network, file: () => files.status()?.path ?? null }, request),
    release: {
      survey: releaser.survey,
      async run(request) {
        const report = await releaser.run(request);
        for (const line of report.left) log.error(`released, but: ${line}`);
        releaseCode = report.left.length === 0 ? 0 : 1;
        return report;
      },
      answered() {
        log.info('released: Flowloom ends');
        options.released?.(releaseCode ?? 0);
      },
    },
    ...createApplier({ files, planner, runFile: file, changed }),
    fresh: ({ kinds, dpid }) => counters.fresh(kinds, dpid),
    watch(run, topics) {
      const watcher = () => run();
      watchers.add(watcher);
      const stops = topics.flatMap((topic) => (WATCHED_FOR[topic] ?? []).map(counters.want));
      const published: readonly string[] = PUBLISHED_TOPICS;
      if (topics.some((topic) => published.includes(topic))) stops.push(every(systemClock, LOOK_AT_PUBLISHED, run));
      return () => {
        watchers.delete(watcher);
        for (const stop of stops) stop();
      };
    },
  };
  running = true;
  // Setups of apps begin, whatever switches there are.
  changed();
  const api =
    options.http === 'none'
      ? undefined
      : await startApi({ listen: options.http, token: options.token, source, page: options.page, log });
  address = api?.address ?? null;
  if (address !== null) log.info(`dashboard and API on http://${address}`);

  return {
    files: () => [...(file === undefined ? [] : [file]), ...code.files()],
    releaser,
    async reload() {
      if (stopped) return;
      await files.reload();
      changed();
    },
    async stop() {
      stopped = true;
      files.stop();
      await api?.close();
      counters.close();
      switches.close();
      host.commons.close();
      await openflow?.close();
      await hosts?.stop();
      memory.close();
      store.close();
      await watchdog.stop();
      noMoreStrays();
    },
  };
}

/** undefined for `none`; throws UnusableError before anything was touched. */
function passiveTarget(option: string, text: string, defaultPort: number, tls = false): PassiveTarget | undefined {
  if (text === 'none') return undefined;
  try {
    return parsePassiveTarget(text, { defaultPort, tls });
  } catch (error) {
    throw new UnusableError(`${option}: ${(error as Error).message}`);
  }
}

function openStore(folder: string | undefined): Store {
  try {
    return createStore(folder);
  } catch (error) {
    if (error instanceof StoreError) throw new UnusableError(error.message);
    throw error;
  }
}

function checkHttp(listen: string, token: string | undefined): void {
  try {
    checkListen(listen, token);
  } catch (error) {
    throw new UnusableError(`--http: ${(error as Error).message}`);
  }
}

function everyAddress(target: PassiveTarget): string {
  return target.kind === 'ptcp' && target.address === undefined ? ', every address' : '';
}
