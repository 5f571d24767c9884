/** Finds the cables between switches by LLDP, and keeps frames from going round: a port that would close a loop is closed. */

import { type AppDatapath, defineApp, output } from '../../src/index.ts';
import { type ClosedPorts, createClosing } from './closing.ts';
import { createDiscovery, EARS } from './discovery.ts';
import { classifyFlows, outputFlows } from './flows.ts';
import { expectedSwitches, portsOf, segmentsOf, tagsOf } from './network.ts';
import { createProbes } from './probe.ts';
import { type TopologyCable, topology } from './services.ts';
import { type Closed, comparePlaces, placeKey } from './tree.ts';

/** Seconds between looks at what is due; and until what was heard is looked at. */
const TICK = 0.1;
const SOON = 0.01;

export { topology } from './services.ts';

export default defineApp({
  name: 'topology',
  tables: {
    arriving: { stage: 'classify' },
    leaving: { stage: 'output' },
  },
  offers: [topology],
  counters: {
    probes: 'Probes sent',
    heard: 'Probes heard',
    foreign: 'Frames like our probes that are not ours: forged, old, or of another Flowloom',
    links: 'Links found, each direction by itself',
    changes: 'Changes of the tree',
  },
  setup({ network, counters, log, timers, switches, services, emit, rehearsal }) {
    let file = network;
    let due = false;
    let isSoon = false;
    const probes = createProbes();
    const { now } = timers;
    const nameOf = (dpid: string, port: number) => {
      const dp = switches.get(dpid);
      return `${dp?.name ?? dpid} ${dp?.ports.get(port)?.name ?? `port ${port}`}`;
    };
    const discovery = createDiscovery({
      linkUp(from, to) {
        counters.links.add();
        log.info(`link from ${nameOf(from.dpid, from.port)} to ${nameOf(to.dpid, to.port)}`);
        emit('linkUp', { from, to });
      },
      linkDown(from, to) {
        log.warn(`no link any more from ${nameOf(from.dpid, from.port)} to ${nameOf(to.dpid, to.port)}`);
        emit('linkDown', { from, to });
      },
    });
    const closing = createClosing({
      discovery,
      segments: segmentsOf(() => ({ switches, network: file })),
      missing() {
        const names = new Set(
          [...switches.values()].filter(({ dpid }) => discovery.hears(dpid)).map(({ name }) => name),
        );
        return expectedSwitches(file)?.some((name) => !names.has(name));
      },
      declare(dpid, closed) {
        const dp = switches.get(dpid);
        if (dp !== undefined) declare(dp, closed);
      },
      changed() {
        counters.changes.add();
        emit('topologyChanged');
      },
      later(milliseconds) {
        if (due) return;
        due = true;
        timers.after(milliseconds / 1000, () => {
          due = false;
          work();
        });
      },
    });

    type Dp = AppDatapath<'arriving' | 'leaving'>;

    function declare(dp: Dp, closed: ClosedPorts): void {
      dp.flows.arriving.replace(classifyFlows(closed, (port, segment) => tagsOf(dp, file, port, segment)));
      // Without a file nothing goes through the stage for output.
      dp.flows.leaving.replace(dp.bridge === undefined ? [] : outputFlows(closed));
    }

    /** The ports that stand closed in a switch by the flows of an earlier run; undefined: we were not there before. */
    function standing({ flows, read }: Dp): ClosedPorts | undefined {
      const found = flows.arriving.standing();
      if (found.length === 0) return undefined;
      const closed: ClosedPorts = new Map<number, Closed>();
      for (const { match } of found) {
        if (typeof match.inPort === 'number' && match.vlanVid === undefined) closed.set(match.inPort, 'all');
      }
      for (const { match } of flows.leaving.standing()) {
        const port = read(match, 'outPort');
        const segment = read(match, 'segment');
        const before = port === undefined ? undefined : closed.get(port);
        if (port === undefined || segment === undefined || before === 'all') continue;
        closed.set(port, new Set([...(before ?? []), segment]));
      }
      return closed;
    }

    function work(): void {
      const time = now();
      for (const place of discovery.due(time)) {
        const dp = switches.get(place.dpid);
        if (dp === undefined) continue;
        counters.probes.add();
        const data = probes.build(place, time);
        // Port 0: through the pipeline and back to us, which shows that our flows stand and we hear what comes in.
        if (place.port === EARS) dp.packetOut({ data, actions: [output('table')] });
        else dp.packetOut({ data, actions: [output(place.port)] });
      }
      closing.update(time);
    }

    /** Of a thousand switches many probes come together: one look at all of them does. */
    function soon(): void {
      if (isSoon) return;
      isSoon = true;
      timers.after(SOON, () => {
        isSoon = false;
        work();
      });
    }

    services.offer(topology, {
      cables() {
        const { carrying } = closing.tree();
        const both = discovery.cables();
        const cables = both.map(
          (cable): TopologyCable => ({ ...cable, state: carrying.has(cable) ? 'carrying' : 'blocked' }),
        );
        const paired = new Set(
          both.flatMap(({ a, b }) => [`${placeKey(a)}>${placeKey(b)}`, `${placeKey(b)}>${placeKey(a)}`]),
        );
        for (const { from, to } of discovery.links()) {
          if (!paired.has(`${placeKey(from)}>${placeKey(to)}`)) cables.push({ a: from, b: to, state: 'one way' });
        }
        return cables;
      },
      closedPorts() {
        const time = now();
        return [...switches.keys()]
          .flatMap((dpid) =>
            Array.from(closing.closed(dpid), ([port, closed]) => ({
              dpid,
              port,
              segments: closed === 'all' ? undefined : [...closed],
              why: closing.why({ dpid, port }, time) ?? 'it is about to open',
            })),
          )
          .toSorted(comparePlaces);
      },
      closed: closing.closed,
      leadsToSwitch: discovery.leadsToSwitch,
      looking: closing.looking,
      settled: closing.settled,
    });

    if (!rehearsal) timers.every(TICK, work);
    return {
      switchUp(dp) {
        const before = standing(dp);
        // What a plan compares with the switch: who is there now stays as it is, of the rest nothing can be foreseen.
        if (rehearsal) declare(dp, before ?? new Map());
        else closing.switchUp(dp.dpid, portsOf(dp, file), before, now());
      },
      switchDown: (dp) => closing.switchDown(dp.dpid, now()),
      portUp: (dp) => portsChanged(dp),
      portDown: (dp) => portsChanged(dp),
      networkChanged(changed) {
        file = changed;
        closing.reconsider();
        for (const dp of switches.values()) portsChanged(dp);
      },
      packetIn(dp, { data, inPort }) {
        const time = now();
        const from = probes.read(data, time);
        if (from === undefined) {
          counters.foreign.add();
          return;
        }
        counters.heard.add();
        discovery.heard(from, { dpid: dp.dpid, port: inPort }, time);
        soon();
      },
    };

    /** One that came is closed in the same change that brings it into use. */
    function portsChanged(dp: Dp): void {
      if (rehearsal) return;
      const time = now();
      const ports = portsOf(dp, file);
      for (const port of ports) discovery.port(dp.dpid, port, time);
      for (const number of discovery.ports(dp.dpid)) {
        if (!dp.ports.has(number)) discovery.portGone(dp.dpid, number, time);
      }
      work();
    }
  },
});
