/**
 * The switches of a lab, the links between them and the guests at their ports: frames go from one to the other in the order
 * in which they were sent, and whoever records hears of each.
 */

import { RESERVED_PORTS } from '../../proto/openflow/reserved-numbers.ts';
import { ipv4Number, ipv4Text } from '../../proto/wire/address.ts';
import type { Key } from '../sim/key/key.ts';
import { WORD } from '../sim/key/layout.ts';
import type { Watcher } from '../sim/pipeline/watcher.ts';
import { createSimulatedSwitch, type SimulatedSwitch } from '../sim/simulated-switch.ts';
import type { LabClock } from './lab-clock.ts';
import type { LaidPort, LaidSwitch } from './lab-layout.ts';
import { type PortPlace, placeOf, placeText } from './place.ts';

export interface LabSwitch {
  readonly name: string;
  /** 16 hex digits. */
  readonly dpid: string;
  readonly sim: SimulatedSwitch;
  /** Names to numbers. */
  readonly ports: ReadonlyMap<string, number>;
  portName(number: number): string;
  addPort(port: LaidPort): void;
  removePort(name: string): void;
}

/** Who hears what frames do. */
export interface NetworkRecorder {
  /** The frame goes into the switch; gives who watches its way there. */
  enters(at: LabSwitch, from: string, frame: Uint8Array): Watcher;
  /** It left by a port where no switch of the lab is. */
  left(at: string, isLocal: boolean, frame: Uint8Array): void;
  /** It is lost on a link that is cut. */
  lost(at: string): void;
}

export interface LabNetwork {
  readonly switches: ReadonlyMap<string, LabSwitch>;
  /** The other end of the link at a port, `s1:a`. */
  peerOf(place: string): string | undefined;
  /** A frame comes by the port. */
  send(place: PortPlace, frame: Uint8Array): void;
  record(recorder: NetworkRecorder | undefined): void;
  /** The port and the other end of its link lose their carrier; `silently`: they keep it, and frames are lost all the same. */
  cut(place: PortPlace, silently: boolean): void;
  mend(place: PortPlace): void;
  /** Ports come and go as the layout now has them; the others keep their numbers. */
  replug(layout: readonly LaidSwitch[]): void;
  /** Frames went round without end, and those that came last were dropped. */
  readonly isStorm: boolean;
}

const LOCAL = RESERVED_PORTS.local;

interface Waiting {
  to: LabSwitch;
  port: number;
  frame: Uint8Array;
  tunnel: Key | undefined;
}

/** Of frames on their way, from one rest to the next: more go round without end. */
const MOST_FRAMES = 20_000;

export function createLabNetwork(
  layout: readonly LaidSwitch[],
  links: readonly (readonly [string, string])[],
  clock: LabClock,
  moved: () => void,
): LabNetwork {
  const switches = new Map<string, LabSwitch>();
  const peers = new Map<string, string>();
  const cuts = new Set<string>();
  const waiting: Waiting[] = [];
  let recorder: NetworkRecorder | undefined;
  let pumping = false;
  let since = clock.now();
  let frames = 0;
  let isStorm = false;

  for (const laid of layout) switches.set(laid.name, makeSwitch(laid));
  let tunnels = tunnelsOf(layout);
  for (const [one, other] of links) {
    for (const [end, far] of [[one, other] as const, [other, one] as const]) {
      placeOf(end, switches);
      if (peers.has(end)) throw new Error(`two links end at ${end}: a port has one cable`);
      peers.set(end, far);
    }
  }

  function makeSwitch({ name, dpid, bridge, ports }: LaidSwitch): LabSwitch {
    const byName = new Map([
      ...ports.map(({ portNo, name: port }) => [port, portNo] as const),
      [bridge, LOCAL] as const,
    ]);
    const sim = createSimulatedSwitch({
      ...{ dpid, ports, clock },
      name: bridge,
      seed: Number(dpid),
      transmit: (portNo, frame, tunnel) => transmit(made, portNo, frame, tunnel),
    });
    const made: LabSwitch = {
      name,
      dpid: dpid.toString(16).padStart(16, '0'),
      sim,
      ports: byName,
      portName: (number) => sim.ports.get(number)?.name ?? `port ${number}`,
      addPort(port) {
        const portNo = Math.max(0, ...[...byName.values()].filter((number) => number !== LOCAL)) + 1;
        byName.set(port.name, portNo);
        sim.addPort({ ...port, portNo });
      },
      removePort(port) {
        sim.removePort(byName.get(port) ?? 0);
        byName.delete(port);
      },
    };
    // What apps send is watched as what comes in.
    const { packetOut } = sim.pipeline;
    sim.pipeline.packetOut = (inPort, bytes, steps, watcher) => {
      packetOut(inPort, bytes, steps, watcher ?? recorder?.enters(made, 'the controller', bytes.slice()));
    };
    return made;
  }

  function transmit(from: LabSwitch, portNo: number, sent: Uint8Array, key: Key | undefined): void {
    moved();
    const frame = sent.slice();
    const place = placeText({ switch: from.name, port: from.portName(portNo) });
    const tunnel = from.sim.ports.get(portNo)?.tunnel;
    if (tunnel !== undefined && key !== undefined) {
      const remote = tunnel.remote === 'flow' ? ipv4Text(key[WORD.tunIpv4Dst]!) : tunnel.remote;
      carryInTunnel(tunnel, remote, frame, key);
      return;
    }
    const peer = peers.get(place);
    if (cuts.has(place)) recorder?.lost(place);
    else if (peer === undefined) recorder?.left(place, portNo === LOCAL, frame);
    else {
      const { switch: name, port } = placeOf(peer, switches);
      const to = switches.get(name)!;
      enqueue({ to, port: to.ports.get(port)!, frame, tunnel: undefined });
    }
  }

  function carryInTunnel(
    { kind, local }: { kind: string; local: string },
    remote: string,
    frame: Uint8Array,
    key: Key,
  ): void {
    const end = tunnels.find(({ tunnel: there }) => {
      const isSame = there?.kind === kind && there.local === remote;
      return isSame && (there.remote === 'flow' || there.remote === local);
    });
    if (end === undefined) return;
    const arrived = key.slice();
    arrived[WORD.tunIpv4Src] = key[WORD.tunIpv4Dst] === 0 ? 0 : (ipv4Number(local) ?? 0);
    arrived[WORD.tunIpv4Dst] = ipv4Number(remote) ?? 0;
    const to = switches.get(end.at)!;
    enqueue({ to, port: to.ports.get(end.name)!, frame, tunnel: arrived });
  }

  function enqueue(next: Waiting): void {
    if (clock.now() !== since) frames = 0;
    since = clock.now();
    isStorm ||= ++frames > MOST_FRAMES;
    if (isStorm) return;
    waiting.push(next);
    // Out of a packet-out that a switch still carries out, or of a frame that it is still at.
    if (!pumping) queueMicrotask(pump);
  }

  function pump(): void {
    if (pumping) return;
    pumping = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { to, port, frame, tunnel } = next;
        moved();
        to.sim.receive(port, frame, tunnel, recorder?.enters(to, to.portName(port), frame.slice()));
      }
    } finally {
      pumping = false;
    }
  }

  function setLive(place: string, live: boolean): void {
    const { switch: name, port } = placeOf(place, switches);
    const at = switches.get(name)!;
    moved();
    at.sim.setPortLive(at.ports.get(port)!, live);
  }

  return {
    switches,
    peerOf: (place) => peers.get(place),
    send(place, frame) {
      const to = switches.get(place.switch)!;
      const port = to.ports.get(place.port)!;
      moved();
      if (cuts.has(placeText(place))) recorder?.lost(placeText(place));
      else enqueue({ to, port, frame: frame.slice(), tunnel: undefined });
      pump();
    },
    record(next) {
      recorder = next;
      frames = 0;
      isStorm = false;
    },
    replug(next) {
      tunnels = tunnelsOf(next);
      for (const { name, ports } of next) {
        const at = switches.get(name);
        if (at === undefined) throw new Error(`the switch ${name} was not in the lab's first file: begin another lab`);
        const wanted = new Set(ports.map((port) => port.name));
        for (const [port, number] of [...at.ports]) if (number !== LOCAL && !wanted.has(port)) at.removePort(port);
        for (const port of ports) if (!at.ports.has(port.name)) at.addPort(port);
      }
    },
    get isStorm() {
      return isStorm;
    },
    cut(place, silently) {
      for (const end of endsOf(place)) {
        cuts.add(end);
        if (!silently) setLive(end, false);
      }
    },
    mend(place) {
      for (const end of endsOf(place)) {
        cuts.delete(end);
        setLive(end, true);
      }
    },
  };

  function endsOf(place: PortPlace): string[] {
    const here = placeText(place);
    const there = peers.get(here);
    return there === undefined ? [here] : [here, there];
  }
}

function tunnelsOf(layout: readonly LaidSwitch[]): (LaidPort & { at: string })[] {
  return layout.flatMap(({ name, ports }) => ports.map((port) => ({ at: name, ...port })));
}
