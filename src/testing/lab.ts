/** A small network for tests: simulated switches, guests, and Flowloom with the apps under test, all in this process. */

import type { AppHost } from '../app/host.ts';
import type { SwitchSite } from '../app/switch-site.ts';
import type { ToldEvent } from '../app/telling.ts';
import { parseConfig } from '../config/load.ts';
import type { Config } from '../config/model.ts';
import { formatProblems } from '../config/problem.ts';
import { type Memory, processMemory } from '../flow/allocate/memory.ts';
import { calledFrom, calledNow } from './called-from.ts';
import { flowLines } from './flow-line.ts';
import { createIntentCounters } from './intent-counters.ts';
import { createLabClock } from './lab-clock.ts';
import { createLabController, type LabController } from './lab-controller.ts';
import { createGuests } from './lab-guests.ts';
import type { Lab, LabOptions, LabPort, SentMods } from './lab-interface.ts';
import { layOut } from './lab-layout.ts';
import { createLabNetwork, type LabNetwork, type LabSwitch } from './lab-network.ts';
import { placeOf, unknown } from './place.ts';
import { createPostman } from './postman.ts';
import { createRest } from './rest.ts';
import { createStage } from './stage.ts';
import { usesOf } from './uses.ts';

/** How the file is called in messages and sources of intents. */
const FILE = 'flowloom.yaml';
/** Milliseconds that switches may take to come up: the app `topology` listens for cables first. */
const MOST_COMING_UP = 30_000;
const STEP = 100;

/** Resolves when all switches are up. Rejects where a file, an app or its config can't be, an app fails, or a flow is refused. */
export function lab(options: LabOptions): Promise<Lab> {
  return calledFrom(lab, () => build(options));
}

const OPTIONS: readonly (keyof LabOptions)[] = ['apps', 'switches', 'links', 'guests', 'file'];

async function build(options: LabOptions): Promise<Lab> {
  for (const name of Object.keys(options)) {
    if (!(OPTIONS as readonly string[]).includes(name)) throw unknown('option', name, OPTIONS);
  }
  const clock = createLabClock();
  const memory: Memory = processMemory();
  const log: string[] = [];
  const told: ToldEvent[] = [];
  let config = readFile(options.file);
  let apps = options.apps ?? [];
  let controller: LabController | undefined;
  /** What is known of flows by their cookies, also while the controller is stopped. */
  let host: AppHost | undefined;
  const sites = new Map<string, SwitchSite>();
  const layout = layOut(config, options.switches ?? {});
  const rest = createRest(clock, async () => controller?.settled());
  const network: LabNetwork = createLabNetwork(layout, options.links ?? [], clock, rest.moved);
  const { switches } = network;
  const guests = createGuests(options.guests ?? {}, switches, config);
  const byDpid = new Map(Array.from(switches.values(), (each) => [each.dpid, each]));
  const stage = createStage({
    ...{ clock, rest, network, guests },
    host: () => host!,
    site: siteOf,
  });
  const postman = createPostman({ guests, switches, stage });
  const intents = createIntentCounters(switches, siteOf);

  function running(): LabController {
    if (controller === undefined) throw new Error('the controller is stopped: start it first');
    return controller;
  }

  function siteOf(dpid: string): SwitchSite | undefined {
    return controller?.site(dpid) ?? sites.get(dpid);
  }

  function switchOf(name: string): LabSwitch {
    const found = switches.get(name);
    if (found === undefined) throw unknown('switch', name, switches.keys());
    return found;
  }

  async function start(): Promise<SentMods> {
    if (controller !== undefined) throw new Error('the controller runs already');
    controller = createLabController({
      ...{ clock, memory, moved: rest.moved },
      usedAt: usesOf((dpid) => byDpid.get(dpid)?.sim, clock.now),
      binding: (dpid) => layout.find((each) => each.name === byDpid.get(dpid)?.name)?.binding,
      packetIn: (app, site, frame) => stage.packetIn(app, byDpid.get(site.dpid)?.name ?? site.dpid, frame),
      told: (event) => told.push({ ...event, switch: event.switch && nameSwitches(event.switch) }),
      logged(level, text) {
        const line = `${level} ${nameSwitches(text)}`;
        log.push(line);
        if (level === 'warn' || level === 'error') stage.logged(line);
      },
    });
    // Guests answer meanwhile: apps may ask for them as they begin.
    await stage.during('the start', () => comeUp(running()));
    const wrong = running().problems();
    if (running().isComingUp()) wrong.push('the switches do not come up', ...log);
    if (wrong.length > 0) throw new Error(wrong.map(nameSwitches).join('\n'));
    return sent();
  }

  async function comeUp(begun: LabController): Promise<void> {
    await begun.load(apps, config);
    host = begun.host;
    begun.connect(switches.values());
    await rest.reached();
    const since = clock.now();
    while (begun.isComingUp() && clock.now() - since < MOST_COMING_UP) await stage.pass(STEP);
  }

  /** Where no file names them, the lab does. */
  function nameSwitches(text: string): string {
    return text.replaceAll(/\b[0-9a-f]{16}\b/g, (dpid) => byDpid.get(dpid)?.name ?? dpid);
  }

  async function stop(): Promise<void> {
    for (const { dpid } of switches.values()) {
      const site = controller?.site(dpid);
      if (site !== undefined) sites.set(dpid, site);
    }
    controller?.close();
    controller = undefined;
    await rest.reached();
  }

  function sent(): SentMods {
    const { flowMods, groupMods, meterMods } = running().host.sent;
    return { flowMods, groupMods, meterMods };
  }

  /** One call after the other; what is wrong is told with the line of the test that called `method`. */
  function act<T>(method: (...given: never[]) => unknown, run: () => Promise<T>): Promise<T> {
    return calledFrom(method, () => stage.alone(run));
  }

  function portAt(place: string): LabPort {
    const at = placeOf(place, switches);
    const { sim, ports } = switchOf(at.switch);
    const number = ports.get(at.port)!;
    const { live, config: flags, ...port } = sim.ports.get(number)!;
    return {
      number,
      up: live && !flags.includes('portDown'),
      sent: { packets: port.txPackets, bytes: port.txBytes },
      received: { packets: port.rxPackets, bytes: port.rxBytes },
    };
  }

  const self: Lab = {
    send: (from, packet) => act(self.send, () => postman.send(from, packet)),
    ping: (from, to) => act(self.ping, () => postman.ping(from, to)),
    advance: (seconds) => act(self.advance, () => stage.during('the clock', () => stage.pass(seconds * 1000))),
    cut: (place, { silently = false } = {}) =>
      act(self.cut, async () => {
        const at = placeOf(place, switches);
        return stage.during(`cutting ${place}`, async () => network.cut(at, silently));
      }),
    mend: (place) =>
      act(self.mend, async () => {
        const at = placeOf(place, switches);
        return stage.during(`mending ${place}`, async () => network.mend(at));
      }),
    move: (name, place) =>
      act(self.move, async () => {
        placeOf(place, switches);
        postman.guestOf(name).at = place;
      }),
    stop: () => act(self.stop, stop),
    start: () => act(self.start, start),
    restart: () =>
      act(self.restart, async () => {
        await stop();
        return start();
      }),
    reload: (other) =>
      act(self.reload, async () => {
        const next = other.file === undefined ? config : readFile(other.file);
        await running().load(other.apps ?? apps, next);
        apps = other.apps ?? apps;
        config = next;
        if (other.file !== undefined) network.replug(layOut(config, options.switches ?? {}));
        await rest.reached();
        const wrong = running().problems();
        if (wrong.length > 0) throw new Error(wrong.map(nameSwitches).join('\n'));
      }),
    counters: (intent) => calledNow(self.counters, () => intents.of(intent)),
    flows: (name) => calledNow(self.flows, () => flowLines([...switchOf(name).sim.flows()], host!.plan.name)),
    port: (place) => calledNow(self.port, () => portAt(place)),
    guest: (name) =>
      calledNow(self.guest, () => {
        const { at, mac, ip, ip6 } = postman.guestOf(name);
        return { at, mac, ip, ip6 };
      }),
    appCounters: (name) =>
      calledNow(self.appCounters, () => {
        const { apps: loaded } = running().host;
        const app = loaded.get(name);
        if (app === undefined) throw unknown('app', name, loaded.keys());
        return Object.fromEntries(Object.entries(app.counters).map(([key, { value }]) => [key, value]));
      }),
    service: (service, name) =>
      calledNow(self.service, () => {
        const dpid = name === undefined ? undefined : switchOf(name).dpid;
        return running().host.commons.services.get(service.name, dpid) as never;
      }),
    published: (topic) => running().host.commons.publications.rows(topic),
    told,
    get sent() {
      return sent();
    },
    get now() {
      return clock.now();
    },
    log,
    close: () => stage.alone(stop),
    [Symbol.asyncDispose]: () => self.close(),
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return self;
}

function readFile(text: string | undefined): Config | undefined {
  if (text === undefined) return undefined;
  const loaded = parseConfig(text, FILE);
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems).trimEnd());
  return loaded.config;
}
