/**
 * Connections of simulated switches to a controller, over TCP or a Unix socket, kept as Open vSwitch keeps them: what ends is
 * made again after 1, 2, 4 and then each 8 s, a controller that says nothing for 5 s is asked for an echo (ovs-vswitchd.conf.db(5),
 * Controller, max_backoff and inactivity_probe). All of them read into one buffer; what a chunk brings about leaves in one write.
 */

import { connect, type Socket } from 'node:net';
import { encodeMessage } from '../../proto/openflow/message.ts';
import { type Clock, systemClock } from '../clock.ts';
import { u32 } from '../packet/bytes.ts';
import * as reconnect from '../transport/reconnect.ts';
import { socketErrorText } from '../transport/socket-error.ts';
import type { ActiveTarget } from '../transport/target.ts';
import type { Hooks, SwitchConnection } from './openflow/connection.ts';
import type { SimulatedSwitch } from './simulated-switch.ts';

export interface SwitchLinks {
  /** Connects, and stays connected until it is closed. */
  connect(device: SimulatedSwitch, events?: LinkEvents): SwitchLink;
}

export interface LinkEvents {
  /** Both sides have said hello. */
  connected?(): void;
  /** An attempt failed, or a connection ended; another follows. */
  disconnected?(reason: string): void;
  /** All messages of a chunk have been carried out; what is written now leaves with what came of them. */
  chunkEnds?(): void;
  hooks?: Hooks;
}

export interface SwitchLink {
  /** Both sides have said hello, and nothing has ended since. */
  readonly isConnected: boolean;
  /** Why the last attempt failed or the last connection ended; undefined: none did. */
  readonly reason: string | undefined;
  /** Packet-ins that were sent, and those that were dropped since too many waited, as Open vSwitch drops them. */
  readonly packetIns: number;
  readonly packetInsDropped: number;
  /** What the switch writes while `run` runs leaves in one write. */
  together(run: () => void): void;
  close(): void;
}

const READ = 256 << 10;
const FIRST_ROOM = 64 << 10;
/** Packet-ins that may wait (Open vSwitch, ofproto/connmgr.c: do_send_packet_ins). */
const MOST_PACKET_INS = 100;

export function createSwitchLinks(target: ActiveTarget, clock: Clock = systemClock): SwitchLinks {
  /** What a chunk brings is used up before the next chunk of any socket comes. */
  const chunk = Buffer.allocUnsafe(READ);
  let outbox = Buffer.allocUnsafe(FIRST_ROOM);
  let filled = 0;
  /** Whose messages are being gathered in the outbox. */
  let gathering: object | undefined;

  function gather(bytes: Uint8Array): void {
    if (filled + bytes.length > outbox.length) {
      const larger = Buffer.allocUnsafe(2 * (filled + bytes.length));
      larger.set(outbox.subarray(0, filled));
      outbox = larger;
    }
    outbox.set(bytes, filled);
    filled += bytes.length;
  }

  function connectSwitch(device: SimulatedSwitch, events: LinkEvents = {}): SwitchLink {
    let machine = reconnect.createReconnect(clock.now());
    let cancel: (() => void) | undefined;
    let socket: Socket | undefined;
    let connection: SwitchConnection | undefined;
    /** Packet-ins that wait, since the socket takes nothing more now. */
    let waiting = 0;

    function enter(next: reconnect.Reconnect): void {
      machine = next;
      cancel?.();
      cancel = undefined;
      const due = reconnect.deadline(machine);
      if (due !== undefined) cancel = clock.after(Math.max(0, due - clock.now()), act);
    }

    function act(): void {
      const { machine: next, action } = reconnect.run(machine, clock.now());
      if (action === 'connect') open();
      else if (action === 'disconnect') {
        end(next.state === 'connecting' ? 'no answer: is the address right and the way there open?' : 'it is silent');
      } else {
        enter(next);
        if (action === 'probe') together(() => write(encodeMessage({ type: 'echoRequest', data: NOTHING, xid: 0 })));
      }
    }

    function open(): void {
      enter(reconnect.connecting(machine, clock.now()));
      const where = target.kind === 'unix' ? { path: target.path } : { host: target.address, port: target.port };
      const opened = connect({ ...where, noDelay: true, onread: { buffer: chunk, callback: read } });
      socket = opened;
      waiting = 0;

      function read(length: number, bytes: Uint8Array): boolean {
        if (socket === opened) {
          machine = reconnect.activity(machine, clock.now());
          together(() => receive(bytes, length));
        }
        return true;
      }

      opened.once('connect', () => {
        if (socket !== opened) return;
        enter(reconnect.connected(machine, clock.now()));
        together(() => {
          connection = device.connect({ write, backlog: () => opened.writableLength, end, hooks: events.hooks ?? {} });
        });
      });
      opened.on('error', (error) => socket === opened && end(socketErrorText(error)));
      opened.on('close', () => socket === opened && end('the controller closed the connection'));
    }

    function receive(bytes: Uint8Array, length: number): void {
      const wasGreeted = link.isConnected;
      connection?.receive(bytes, length);
      if (!wasGreeted && link.isConnected) events.connected?.();
      events.chunkEnds?.();
    }

    function end(why: string): void {
      const ended = socket;
      if (ended === undefined) return;
      socket = undefined;
      link.reason = why;
      connection?.close();
      connection = undefined;
      // Why the switch ends it may be in the outbox still.
      if (gathering === link && filled > 0) ended.write(Uint8Array.from(outbox.subarray(0, filled)));
      if (gathering === link) filled = 0;
      ended.destroySoon();
      enter(reconnect.disconnected(machine, clock.now()));
      events.disconnected?.(why);
    }

    function together(run: () => void): void {
      if (gathering !== undefined) {
        run();
        return;
      }
      gathering = link;
      try {
        run();
      } finally {
        gathering = undefined;
        const bytes = outbox.subarray(0, filled);
        filled = 0;
        // What the socket has not taken yet is its own.
        if (bytes.length > 0 && !send(bytes)) outbox = Buffer.allocUnsafe(FIRST_ROOM);
      }
    }

    function write(bytes: Uint8Array): void {
      if (isPacketIn(bytes)) {
        if ((socket?.writableLength ?? 0) > 0 && ++waiting > MOST_PACKET_INS) {
          link.packetInsDropped++;
          return;
        }
        link.packetIns++;
      }
      if (gathering === link) gather(bytes);
      else send(Uint8Array.from(bytes));
    }

    /** True: the bytes are gone. */
    function send(bytes: Uint8Array): boolean {
      const to = socket;
      if (to === undefined) return true;
      to.write(bytes, () => {
        if (to !== socket || to.writableLength > 0) return;
        waiting = 0;
        connection?.drained();
      });
      return to.writableLength === 0;
    }

    const link = {
      get isConnected() {
        return connection?.link.greeted === true && !connection.link.closed;
      },
      reason: undefined as string | undefined,
      packetIns: 0,
      packetInsDropped: 0,
      together,
      close() {
        enter(reconnect.stop(machine, clock.now()));
        const closed = socket;
        socket = undefined;
        connection?.close();
        connection = undefined;
        closed?.destroy();
      },
    };
    act();
    return link;
  }

  return { connect: connectSwitch };
}

const NOTHING = new Uint8Array(0);
const PACKET_IN = 10;
const EXPERIMENTER = 4;
const NICIRA = 0x2320;
/** NXT_PACKET_IN and NXT_PACKET_IN2. */
const NICIRA_PACKET_INS: readonly number[] = [17, 30];

function isPacketIn(bytes: Uint8Array): boolean {
  if (bytes[1] === PACKET_IN) return true;
  return bytes[1] === EXPERIMENTER && u32(bytes, 8) === NICIRA && NICIRA_PACKET_INS.includes(u32(bytes, 12));
}
