/** Our own OpenFlow 1.4 connection to a bridge of Open vSwitch that gives every message as the bytes that came. */

import { connect } from 'node:net';
import { encodeMessage, type MessageBody } from '../../proto/openflow/message.ts';
import { SOON } from '../support/soon.ts';

const ECHO_REQUEST = 2;
const MULTIPART_REPLY = 19;

export interface RawChannel {
  send(body: MessageBody): number;
  /** The next message that fits; others before it are skipped. */
  next(fits: (bytes: Uint8Array) => boolean): Promise<Uint8Array>;
  /** All replies to one multipart request, or the one error. */
  ask(body: MessageBody): Promise<Uint8Array[]>;
  /** Reads nothing more from the socket, and again. */
  pause(): void;
  resume(): void;
  close(): void;
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
export const typeOf = (bytes: Uint8Array) => bytes[1]!;
export const xidOf = (bytes: Uint8Array) => view(bytes).getUint32(4);
/** OFPMPF_REPLY_MORE */
const hasMore = (bytes: Uint8Array) => typeOf(bytes) === MULTIPART_REPLY && (view(bytes).getUint16(10) & 1) === 1;

/** `path`: the bridge's management socket. */
export async function openRawChannel(path: string): Promise<RawChannel> {
  const socket = connect(path);
  const received: Uint8Array[] = [];
  let pending = Buffer.alloc(0);
  let wake = (): void => undefined;
  let xids = 100;
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 8 && pending.length >= pending.readUInt16BE(2)) {
      const bytes = Uint8Array.from(pending.subarray(0, pending.readUInt16BE(2)));
      pending = pending.subarray(bytes.length);
      if (typeOf(bytes) === ECHO_REQUEST) channel.send({ type: 'echoReply', data: bytes.subarray(8) });
      else received.push(bytes);
    }
    wake();
  });

  async function next(fits: (bytes: Uint8Array) => boolean): Promise<Uint8Array> {
    const deadline = Date.now() + SOON.timeout;
    for (;;) {
      for (let bytes = received.shift(); bytes !== undefined; bytes = received.shift()) if (fits(bytes)) return bytes;
      if (Date.now() > deadline) throw new Error('Open vSwitch did not answer');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  const channel: RawChannel = {
    send(body) {
      const xid = xids++;
      socket.write(Uint8Array.from(encodeMessage({ ...body, xid })));
      return xid;
    },
    next,
    async ask(body) {
      const xid = channel.send(body);
      const replies: Uint8Array[] = [];
      do replies.push(await next((bytes) => xidOf(bytes) === xid));
      while (hasMore(replies.at(-1)!));
      return replies;
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => socket.destroy(),
  };
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  channel.send({ type: 'hello', elements: [{ type: 'versionBitmap', versions: [5] }] });
  await next((bytes) => typeOf(bytes) === 0);
  return channel;
}
