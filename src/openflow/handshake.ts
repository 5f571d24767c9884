/** From an accepted socket to a switch that is known: hello, features, description, ports (OpenFlow 1.4, 6.3). */

import type { Duplex } from 'node:stream';
import type { Hello } from '../../proto/openflow/hello.ts';
import { type Message, OPENFLOW_1_4 } from '../../proto/openflow/message.ts';
import { WHOLE_PACKET } from '../../proto/openflow/reserved-numbers.ts';
import {
  type Connection,
  type ConnectionEvents,
  type ConnectionOptions,
  createConnection,
  EARLY_LIMITS,
  LIMITS,
} from './connection.ts';
import { createDatapath, type Datapath, type DatapathEvents } from './datapath.ts';
import { helloFailed } from './incoming.ts';

const HANDSHAKE_SECONDS = 10;
const MOST_EARLY_PACKETS = 256;
const MOST_EARLY = 4096;

/** Resolves when the switch is ready for flows. Rejects with what went wrong and what to do, the socket closed. */
export function handshake(
  socket: Duplex,
  remote: string,
  events: DatapathEvents,
  options: ConnectionOptions = {},
): Promise<Datapath> {
  return new Promise((resolve, reject) => {
    let datapath: Datapath | undefined;
    let greeted = false;
    let ended: string | undefined;
    const early: Message[] = [];
    const connectionEvents: ConnectionEvents = {
      message(message) {
        if (datapath !== undefined) datapath.receive(message);
        else if (message.type === 'hello' && !greeted) {
          greeted = true;
          const reason = incompatible(message as Hello & { version?: number });
          if (reason === undefined) {
            introduce(connection).then((ready) => {
              datapath = ready;
              if (ended !== undefined) return;
              clearTimeout(timer);
              resolve(ready);
              for (const waiting of early) ready.receive(waiting);
            }, fail);
          } else connection.close(reason, helloFailed(reason), message.xid);
        } else if (greeted) keep(message);
        else {
          const reason = 'garbage: the first message is no hello';
          connection.close(reason, helloFailed(reason), message.xid);
        }
      },
      packetIn(place) {
        // One that came before is kept as a message.
        if (datapath === undefined || ended !== undefined) return false;
        datapath.receivePacketIn(place);
        return true;
      },
      isKnown: (bytes) => datapath !== undefined && events.isKnown?.(datapath, bytes) === true,
      chunkRead: () => events.chunkRead?.(),
      error(error) {
        if (datapath !== undefined) events.error(datapath, error);
        else fail(error);
      },
      unreadable(reason) {
        if (datapath === undefined) return false;
        events.unreadable?.(datapath, reason);
        return true;
      },
      close(reason) {
        ended = reason;
        clearTimeout(timer);
        if (datapath === undefined) reject(new Error(reason));
        else events.close(datapath, reason);
      },
    };
    const connection: Connection = createConnection(socket, remote, connectionEvents, {
      ...options,
      limits: { ...EARLY_LIMITS, ...options.limits },
    });
    const fail = (error: Error) => connection.close(`the handshake failed: ${error.message}`);
    const timer = setTimeout(
      () => connection.close(`no handshake within ${HANDSHAKE_SECONDS} s`),
      HANDSHAKE_SECONDS * 1000,
    );
    /** A busy switch punts packets meanwhile: some may be lost, a port's change may not. */
    function keep(message: Message): void {
      if (message.type === 'packetIn' && early.length >= MOST_EARLY_PACKETS) return;
      early.push(message);
      if (early.length > MOST_EARLY) connection.close(`more than ${MOST_EARLY} messages before it said who it is`);
    }

    connection.send({ type: 'hello', elements: [{ type: 'versionBitmap', versions: [OPENFLOW_1_4] }] });

    async function introduce(link: Connection): Promise<Datapath> {
      const features = await link.request({ type: 'featuresRequest' });
      if (features.type !== 'featuresReply') throw new Error(`a ${features.type} came instead of its features`);
      link.send({ type: 'setConfig', flags: 'normal', missSendLen: WHOLE_PACKET });
      const [description, ports] = await Promise.all([link.multipart('desc', {}), link.multipart('portDesc', {})]);
      link.allow({ ...LIMITS, ...options.limits });
      return createDatapath(link, features.datapathId, description, ports, events);
    }
  });
}

/** Why the peer's hello rules out 1.4, or undefined. Without a bitmap a peer speaks every version up to its header's. */
function incompatible(hello: Hello & { version?: number }): string | undefined {
  const bitmap = hello.elements.find((element) => element.type === 'versionBitmap');
  const highest = hello.version ?? OPENFLOW_1_4;
  const spoken = bitmap?.type === 'versionBitmap' ? bitmap.versions : undefined;
  if (spoken === undefined ? highest >= OPENFLOW_1_4 : spoken.includes(OPENFLOW_1_4)) return undefined;
  const names = (spoken ?? [highest]).map((version) => VERSION_NAMES[version] ?? `version ${version}`);
  return `the switch does not speak OpenFlow 1.4, only ${names.join(', ')}: enable it with "ovs-vsctl set bridge BRIDGE protocols=OpenFlow14"`;
}

const VERSION_NAMES: Record<number, string> = { 1: '1.0', 2: '1.1', 3: '1.2', 4: '1.3', 5: '1.4', 6: '1.5' };
