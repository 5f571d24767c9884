/**
 * Plays the traffic of one simulated switch: so many packet-ins at a time, each answer checked. An answer is right when
 * the packet goes out where its destination is, or to all ports when nobody knows it; and for a known one a flow-mod
 * with the same port, matching both addresses. A number in the packet says which packet-in it answers.
 */

import { NO_BUFFER, newFlowModAnswer, newPacketOutAnswer, readFlowMod, readPacketOut } from './answers.ts';
import { connectSwitch, type Link, type Target } from './switch-link.ts';
import {
  ETHER_TYPE_AT,
  FRAME,
  LLDP,
  type Miss,
  NOBODY,
  NOISE,
  PACKET_IN,
  packetInOf,
  packetIns,
  portOf,
  SEQUENCE_AT,
  stationAt,
  talk,
  writePacketIn,
} from './traffic.ts';

export interface PlayerOptions {
  target: Target;
  /** From 1 on; also the datapath id. */
  device: number;
  ports: number;
  stations: number;
  /** Packet-ins without an answer, at most; a power of two. */
  window: number;
  /** Each so manieth packet is for somebody whom nobody knows; 0: none. */
  unknownEvery: number;
  /** Times of answers are kept. */
  timed: boolean;
  /** Each flow that was set for two stations ends at once, and the controller is told. */
  flowRemoved: boolean;
}

export interface Player {
  readonly link: Link;
  /** Packet-ins with a right packet-out. */
  answered: number;
  /** Flow-mods for two stations, right ones. */
  flowMods: number;
  /** Messages that came of the noise, or for it. */
  noiseAnswers: number;
  /** What was wrong, the first of them. */
  readonly wrong: string[];
  wrongs: number;
  /** Microseconds, one for each answer, while `timing`. */
  readonly times: number[];
  timing: boolean;
  /** When the flows that stand changed last, by performance.now(). */
  lastChange: number;
  /** A flow drops what comes in by a port: the controller still looks whether another switch is behind it. */
  hasClosedPorts(): boolean;
  /** Once the flow that sends unknown packets is there: every station is heard of once, then they talk. */
  play(): void;
  /** No packet-in more. */
  stop(): void;
  /** Packet-ins without an answer, and flow-mods that are missing or too many. */
  missing(): number;
  /** So many packet-ins that are none of the stations'. */
  makeNoise(count: number): void;
  /** Asks for an echo; `echoes` counts the replies. */
  askEcho(): void;
  echoes: number;
}

const FLOOD = 0xfffffffb;
const TABLE = 0xfffffff9;
const ALL = 0xfffffffc;
const FREE = -1;
const MOST_TOLD = 5;
const ETHER_TYPE_MASK = 0xffff;

export async function createPlayer(options: PlayerOptions): Promise<Player> {
  const { device, ports, stations, window } = options;
  const mask = window - 1;
  const codes = talk(stations, ports, options.unknownEvery);
  const pairs = stations * stations;
  /** What each packet-in that is under way is about, by its number's low bits. */
  const slots = new Int32Array(window).fill(FREE);
  const sentAt = new Float64Array(options.timed ? window : 0);
  /** Flow-mods less packet-outs, by pair: at the end 0 everywhere. */
  const balance = new Int32Array(pairs);
  const mod = newFlowModAnswer();
  const out = newPacketOutAnswer();
  let templates: Buffer | undefined;
  let noise: Buffer | undefined;
  let tableId = 0;
  let sequence = 0;
  let turn = 0;
  let playing = false;
  /** With times: the packet-out has come, its flow-mod not yet. */
  let halfDone = false;

  function complain(text: string): void {
    player.wrongs++;
    if (player.wrong.length < MOST_TOLD) player.wrong.push(`switch ${device}: ${text}`);
  }

  /** As many as may be under way, in one write. */
  function pump(): void {
    if (!playing || templates === undefined) return;
    let count = 0;
    for (; count < window; count++) {
      const slot = sequence & mask;
      if (slots[slot] !== FREE) break;
      let code: number;
      if (sequence < stations) code = pairs + sequence;
      else {
        code = codes[turn]!;
        turn = turn + 1 === codes.length ? 0 : turn + 1;
      }
      slots[slot] = code;
      const source = code < pairs ? Math.floor(code / stations) : code - pairs;
      const destination = code < pairs ? code - source * stations : -1;
      writePacketIn(templates, count * PACKET_IN, device, ports, source, destination, sequence);
      if (player.timing) sentAt[slot] = performance.now();
      sequence = (sequence + 1) >>> 0;
    }
    if (count === 0) return;
    if (!player.link.send(templates.subarray(0, count * PACKET_IN))) templates = Buffer.from(templates);
  }

  function done(slot: number): void {
    slots[slot] = FREE;
    player.answered++;
    if (player.timing) player.times.push(1000 * (performance.now() - sentAt[slot]!));
  }

  function flowMod(bytes: Buffer, at: number, length: number): boolean {
    readFlowMod(mod, bytes, at, length);
    if (mod.etherType === NOISE && (mod.timed || mod.destinationAt >= 0)) {
      player.noiseAnswers++;
      return true;
    }
    if (mod.destinationAt < 0 || mod.etherType === LLDP) return false;
    const destination = stationAt(bytes, mod.destinationAt, device);
    const source = mod.sourceAt < 0 ? -1 : stationAt(bytes, mod.sourceAt, device);
    if (destination < 0 || source < 0) complain(`a flow-mod for others than its stations: ${hexOf(bytes, at, length)}`);
    else if (mod.command !== 0) complain(`a flow-mod with the command ${mod.command} for stations that stay`);
    else if (mod.outPort !== portOf(destination, ports)) {
      complain(`a flow-mod to port ${mod.outPort} for a station at port ${portOf(destination, ports)}`);
    } else if (mod.inPort !== -1 && mod.inPort !== portOf(source, ports)) {
      complain(`a flow-mod that matches port ${mod.inPort} for a station at port ${portOf(source, ports)}`);
    } else if (mod.tableId !== tableId && mod.tableId !== 0xff) {
      complain(`a flow-mod in table ${mod.tableId} after a miss in table ${tableId}`);
    } else if (mod.bufferId !== NO_BUFFER) complain(`a flow-mod for buffer ${mod.bufferId}, where there was none`);
    else {
      const pair = source * stations + destination;
      const left = ++balance[pair]!;
      player.flowMods++;
      if (halfDone && left === 0) {
        halfDone = false;
        done((sequence - 1) & mask);
      }
      if (options.flowRemoved) tellRemoved(bytes, at);
    }
    return true;
  }

  function packetOut(bytes: Buffer, at: number, length: number): void {
    readPacketOut(out, bytes, at, length);
    const frame = out.dataAt;
    const etherType = (bytes[frame + ETHER_TYPE_AT]! << 8) | bytes[frame + ETHER_TYPE_AT + 1]!;
    if (etherType === NOISE) player.noiseAnswers++;
    if (etherType === LLDP && out.outPort === TABLE) handBack(bytes.subarray(frame, frame + out.dataLength));
    // A controller looks for other switches; there are none.
    if (etherType === NOISE || etherType === LLDP) return;
    if (out.dataLength !== FRAME) {
      complain(`a packet-out with ${out.dataLength} bytes of a packet of ${FRAME}`);
      return;
    }
    const number = bytes.readUInt32BE(frame + SEQUENCE_AT);
    const slot = number & mask;
    const code = slots[slot]!;
    if (code === FREE || (sequence - number) >>> 0 > window) {
      complain(`a packet-out for packet ${number}, which waits for none`);
      return;
    }
    const source = code < pairs ? Math.floor(code / stations) : code - pairs;
    const destination = code < pairs ? code - source * stations : -1;
    const right = stationAt(bytes, frame + 6, device) === source && stationAt(bytes, frame, device) === destination;
    if (!right || (destination < 0 && bytes[frame] !== NOBODY))
      complain(`packet ${number} came back with other addresses`);
    else if (out.inPort !== portOf(source, ports)) complain(`a packet-out from port ${out.inPort}`);
    else if (out.bufferId !== NO_BUFFER) complain(`a packet-out of buffer ${out.bufferId}, where there was none`);
    else if (destination < 0 && out.outPort !== FLOOD && out.outPort !== ALL) {
      complain(`a packet for somebody unknown went to port ${out.outPort}`);
    } else if (destination >= 0 && out.outPort !== portOf(destination, ports)) {
      complain(`a packet for a station at port ${portOf(destination, ports)} went to port ${out.outPort}`);
    } else if (destination >= 0 && --balance[code]! < 0 && options.timed) halfDone = true;
    if (!halfDone) done(slot);
  }

  /** A controller that looks for links wants to see that its frames come to it; by the ports there are stations alone. */
  function handBack(frame: Uint8Array): void {
    const flow = player.link.punts().find(({ match }) => (match as { ethType?: unknown }).ethType === LLDP);
    if (flow !== undefined) player.link.write(packetInOf(frame, missOf(flow)));
  }

  /** OFPT_FLOW_REMOVED with what the flow-mod says, for a flow that nothing used. */
  function tellRemoved(bytes: Buffer, at: number): void {
    const matchLength = (bytes.readUInt16BE(at + 50) + 7) & ~7;
    const message = Buffer.alloc(48 + matchLength);
    message.set([5, 11], 0);
    message.writeUInt16BE(message.length, 2);
    bytes.copy(message, 8, at + 8, at + 16);
    bytes.copy(message, 16, at + 30, at + 32);
    message[19] = tableId;
    bytes.copy(message, 28, at + 26, at + 30);
    bytes.copy(message, 48, at + 48, at + 48 + matchLength);
    player.link.write(message);
  }

  const player: Player = {
    link: undefined as unknown as Link,
    ...{
      answered: 0,
      flowMods: 0,
      noiseAnswers: 0,
      wrong: [],
      wrongs: 0,
      times: [],
      timing: false,
      lastChange: 0,
      echoes: 0,
    },
    hasClosedPorts: () =>
      player.link
        .standing()
        .some(({ match, instructions }) => instructions.length === 0 && Object.keys(match).join() === 'inPort'),
    play() {
      const miss = player.link.punts().find(({ match }) => !('ethType' in match));
      if (miss === undefined) throw new Error(`switch ${device} has no flow that sends unknown packets here`);
      tableId = miss.tableId;
      templates = packetIns(window, missOf(miss));
      playing = true;
      pump();
    },
    stop() {
      playing = false;
    },
    missing: () =>
      slots.reduce(
        (sum, code) => sum + (code === FREE ? 0 : 1),
        balance.reduce((sum, n) => sum + Math.abs(n), 0),
      ),
    makeNoise(count) {
      if (noise === undefined || noise.length !== count * PACKET_IN) {
        const flow = player.link.punts().find(({ match }) => (match as { ethType?: unknown }).ethType === NOISE);
        if (flow === undefined)
          throw new Error(`switch ${device} has no flow for packets of type 0x${NOISE.toString(16)}`);
        noise = packetIns(count, missOf(flow), NOISE & ETHER_TYPE_MASK);
        for (let i = 0; i < count; i++) writePacketIn(noise, i * PACKET_IN, device, ports, 0, -1, i);
      }
      if (!player.link.send(noise)) noise = Buffer.from(noise);
    },
    askEcho() {
      player.link.write(Uint8Array.of(5, 2, 0, 8, 0, 0, 0, 9));
    },
  };
  const link = await connectSwitch(options.target, {
    dpid: BigInt(device),
    ports,
    flowMod,
    packetOut,
    echoReplied() {
      player.echoes++;
    },
    changed() {
      player.lastChange = performance.now();
    },
    endOfChunk: pump,
  });
  return Object.assign(player, { link });
}

function missOf({
  tableId,
  cookie,
  priority,
  match,
}: Omit<Miss, 'reason'> & { priority: number; match: object }): Miss {
  return { tableId, cookie, reason: priority === 0 && Object.keys(match).length === 0 ? 0 : 1 };
}

const hexOf = (bytes: Buffer, at: number, length: number) => bytes.toString('hex', at, at + length);
