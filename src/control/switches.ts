/** The switches that are connected: from a stream to flows that stand, and what was seen on the way. */

import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { FlowRemoved } from '../../proto/openflow/flow-mod.ts';
import type { AppHost } from '../app/host.ts';
import { type Binding, createSwitchSite, type SwitchSite } from '../app/switch-site.ts';
import type { Config } from '../config/model.ts';
import type { Datapath } from '../openflow/datapath.ts';
import { handshake } from '../openflow/handshake.ts';
import { createSwitchLog, type Happened } from './switch-log.ts';
import { leadsToSwitch } from './topology-service.ts';

export interface ConnectedSwitch {
  readonly site: SwitchSite;
  state: 'synchronising' | 'up';
  since: number;
  sync: { at: number; added: number; deleted: number; unchanged: number } | null;
  /** It is known which bridge it is, or that it is no matter. */
  mayAttach: boolean;
  /** Of what stands in it, before apps are put on it. */
  reading: 'not yet' | 'under way' | 'done';
  /** What its apps were given last. */
  given: Config | undefined;
}

export interface Switches {
  readonly connected: ReadonlyMap<string, ConnectedSwitch>;
  /** Bridges `host/bridge` that were connected once. */
  readonly seen: ReadonlySet<string>;
  /** A switch is at the other end; `remote`: where, for people. */
  accept(stream: Duplex, remote: string): void;
  /**
   * Puts apps on the switches that may have them now; tells those that have, after a reload, and when other ports are
   * selected on their bridge or a segment's MTU is another.
   */
  attach(reloaded: boolean): void;
  /** Puts apps on no more switches, and asks nothing of them any more: they are about to be released. */
  halt(): void;
  close(): void;
}

/** A new bridge often connects before its host's database tells its datapath id. */
const STRANGER_MS = 10_000;
/** Of so many it is known that it was told. */
const MOST_STRANGERS = 1000;
/** A switch that could not be read is asked again. */
const AGAIN_MS = 5000;

/** Who follows switches from when each comes until it goes. */
export interface SwitchFollower {
  connected(site: SwitchSite): void;
  /** It is as it should be, or nobody's: reading it is in nothing's way any more. */
  settled(site: SwitchSite): void;
  disconnected(site: SwitchSite): void;
  flowRemoved(dpid: string, message: FlowRemoved): void;
}

export interface SwitchesOptions {
  host: AppHost;
  log: Logger;
  /** The file with the ports that it selects now. */
  network(): Config | undefined;
  /** Which bridge of the file a datapath id is. */
  binding(dpid: string): Binding | undefined;
  changed(): void;
  happened: Happened;
  follower: SwitchFollower;
}

export function createSwitches({
  host,
  log,
  network,
  binding,
  changed,
  happened,
  follower,
}: SwitchesOptions): Switches {
  const connected = new Map<string, ConnectedSwitch>();
  let halted = false;
  const seen = new Set<string>();
  /** The file that the apps' setups were given last; null: they were not begun. */
  let given: Config | undefined | null = null;
  const strangers = new Set<string>();

  function connect(datapath: Datapath): SwitchSite {
    const { dpid } = datapath;
    const standing = connected.get(dpid);
    if (standing !== undefined) {
      log.warn(
        `${standing.site.name()} connected again from ${datapath.connection.remote}; its older connection is closed`,
      );
      standing.site.datapath.connection.close('the switch connected again');
    }
    const told = createSwitchLog(() => site.name(), log, happened, host.clock);
    const site: SwitchSite = createSwitchSite(
      datapath,
      () => binding(dpid),
      host,
      {
        synchronised(result, drift) {
          entry.state = 'up';
          follower.settled(site);
          entry.sync = { at: Date.now(), added: result.added, deleted: result.deleted, unchanged: result.unchanged };
          told.synchronised(result, drift);
          changed();
        },
        refused: told.refused,
        stationSeen({ segment, mac, place }, address) {
          const { port, peer } = place;
          if (peer !== undefined || leadsToSwitch(host, dpid, port)) return;
          host.commons.announce('stationSeen', {
            ...{ mac, dpid, port, segment },
            ...(address === undefined ? {} : { ip: address }),
          });
        },
        untold: told.untold,
        failed: told.failed,
      },
      log,
    );
    const entry: ConnectedSwitch = {
      site,
      state: 'synchronising',
      since: Date.now(),
      sync: null,
      mayAttach: false,
      reading: 'not yet',
      given: undefined,
    };
    connected.set(dpid, entry);
    follower.connected(site);
    log.info(
      `${site.name()} connected from ${datapath.connection.remote}: ${datapath.description}, datapath id ${dpid}`,
    );
    happened('switch', site.name(), `connected from ${datapath.connection.remote}`);
    attachOne(entry, network(), false);
    changed();
    return site;
  }

  function tellStranger(entry: ConnectedSwitch, { file }: Config): void {
    const { dpid } = entry.site;
    if (strangers.has(dpid)) return;
    if (strangers.size >= MOST_STRANGERS) strangers.delete(strangers.keys().next().value!);
    strangers.add(dpid);
    const tell = () => {
      if (connected.get(dpid) !== entry || !strangers.has(dpid)) return;
      log.warn(`switch ${dpid} is no bridge of the file: it is left alone; name its host and bridge in ${file}`);
    };
    host.clock.after(STRANGER_MS, tell);
  }

  function attachOne(entry: ConnectedSwitch, file: Config | undefined, reloaded: boolean): void {
    if (halted) return;
    const { site } = entry;
    const bound = binding(site.dpid);
    if (file !== undefined && bound === undefined) {
      tellStranger(entry, file);
      entry.state = 'up';
      void read(entry).finally(() => follower.settled(site));
      return;
    }
    strangers.delete(site.dpid);
    if (bound !== undefined) seen.add(`${bound.host}/${bound.bridge}`);
    const { given } = entry;
    entry.given = file;
    if (!site.attached()) {
      if (entry.mayAttach) return;
      entry.state = 'synchronising';
      entry.mayAttach = true;
      void read(entry);
    } else if (reloaded || !(sameMtus(given, file) && samePorts(given, file, bound))) site.attach(file);
  }

  /**
   * Nothing of a switch is touched before it is known which bridge it is: a restart must not clear it meanwhile. And the
   * apps come to a switch that was read: what they declare goes by what stands there.
   */
  async function read(entry: ConnectedSwitch): Promise<void> {
    const { site } = entry;
    const { reconciler } = site;
    if (entry.reading === 'under way') return;
    if (entry.reading === 'not yet') {
      entry.reading = 'under way';
      entry.reading = (await reconciler.read()) ? 'done' : 'not yet';
    }
    if (halted || connected.get(site.dpid) !== entry || site.attached()) return;
    if (entry.reading === 'not yet') host.clock.after(AGAIN_MS, () => void read(entry));
    else if (entry.mayAttach) {
      site.attach(entry.given);
      await reconciler.begin();
    }
  }

  return {
    connected,
    seen,
    accept(stream, remote) {
      let own: SwitchSite | undefined;
      const siteOf = (datapath: Datapath) => {
        const site = connected.get(datapath.dpid)?.site;
        return site?.datapath === datapath ? site : undefined;
      };
      handshake(stream, remote, {
        chunkRead: host.commons.turns.chunkRead,
        // Of a connection's only site: one that is closed has no apps any more.
        packetIn: (_, place) => own?.receivePacketIn(place),
        portChanged(datapath, change, port) {
          siteOf(datapath)?.receivePort(change, port);
          changed();
        },
        flowRemoved(datapath, message) {
          follower.flowRemoved(datapath.dpid, message);
          siteOf(datapath)?.receiveFlowRemoved(message);
        },
        isKnown: (_, bytes) => own?.isKnown(bytes) === true,
        flowUpdates: (datapath, reply) => siteOf(datapath)?.receiveFlowUpdates(reply),
        requestForwarded: (datapath, message) => siteOf(datapath)?.receiveForwarded(message),
        error(datapath, error) {
          const site = siteOf(datapath);
          if (site?.takeError(error) !== true) log.error(`${site?.name() ?? datapath.dpid}: ${error.message}`);
        },
        unreadable: (datapath, reason) => log.error(`${siteOf(datapath)?.name() ?? datapath.dpid}: ${reason}`),
        close(datapath, reason) {
          const site = siteOf(datapath);
          if (site === undefined) return;
          log.warn(
            `${site.name()} disconnected: ${reason}; its flows stand and forward, it is expected to connect again`,
          );
          site.close();
          follower.disconnected(site);
          connected.delete(datapath.dpid);
          changed();
        },
      }).then(
        (datapath) => {
          own = connect(datapath);
        },
        (error: Error) => log.warn(`connection from ${remote} refused: ${error.message}`),
      );
    },
    attach(reloaded) {
      if (halted) return;
      const file = network();
      // Where a new version of an app can't begin on some switch, it is put back on all.
      for (let apps = host.apps, round = 0; round < 2; apps = host.apps, round++) {
        if (reloaded || file !== given) host.commons.attach(file);
        given = file;
        for (const entry of connected.values()) attachOne(entry, file, reloaded);
        if (host.apps === apps) break;
      }
    },
    halt() {
      halted = true;
      host.commons.close();
    },
    close() {
      const sites = [...connected.values()].map(({ site }) => site);
      connected.clear();
      for (const site of sites) {
        site.close();
        site.datapath.connection.close('Flowloom ends');
      }
    },
  };
}

/** Selected ports stay the same objects, so only a bridge where one came or went is looked at again. */
function samePorts(before: Config | undefined, now: Config | undefined, bound: Binding | undefined): boolean {
  if (before === now || bound === undefined) return true;
  const portsOf = (config: Config | undefined) =>
    (config?.bridges ?? [])
      .filter(({ name }) => name === bound.bridge)
      .flatMap(({ ports }) => ports.filter(({ host }) => host === bound.host));
  const ports = portsOf(now);
  const others = portsOf(before);
  return ports.length === others.length && ports.every((port, i) => port === others[i]);
}

/** Hosts tell what tunnels leave of it long after a switch has come, and again when a device gets another. */
function sameMtus(before: Config | undefined, now: Config | undefined): boolean {
  if (before === now) return true;
  const segments = now?.segments ?? [];
  const others = before?.segments ?? [];
  return segments.length === others.length && segments.every(({ mtu }, i) => mtu === others[i]!.mtu);
}
