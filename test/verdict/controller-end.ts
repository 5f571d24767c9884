/** The controller's end of an OpenFlow 1.4 connection that is used in turns: some messages, a barrier, all that came of them. */

import { decodeMessage, encodeMessage, type Message, type MessageBody } from '../../proto/openflow/message.ts';
import type { MultipartReply } from '../../proto/openflow/multipart.ts';
import { createFramer } from '../../src/openflow/framer.ts';
import { SOON } from '../support/soon.ts';

export interface ControllerEnd {
  /** From the switch. */
  take(chunk: Uint8Array): void;
  /** The connection is closed: nobody waits for an answer any more. */
  ended(): void;
  /** Sends the messages and a barrier request; gives what came until its reply, and since the turn before. */
  turn(messages: readonly Uint8Array[]): Promise<Message[]>;
  /** The parts of all replies to one multipart request, as `kind` has them. */
  ask(body: MessageBody & { type: 'multipartRequest' }): Promise<MultipartReply[]>;
}

const BARRIER_XID = 0xffff_0000;
const ASKING_XID = 0xfffe_0000;

export function createControllerEnd(write: (bytes: Uint8Array) => void): ControllerEnd {
  let came: Message[] = [];
  let done: (() => void) | undefined;
  let broken: string | undefined;
  const framer = createFramer({
    frame(bytes) {
      const message = decodeMessage(Uint8Array.from(bytes));
      if (message.type === 'echoRequest') {
        write(encodeMessage({ type: 'echoReply', data: message.data, xid: message.xid }));
      } else if (message.type === 'barrierReply' && message.xid === BARRIER_XID) done?.();
      else came.push(message);
    },
    broken: ({ reason }) => end(`the switch sent no OpenFlow: ${reason}`),
  });
  function end(reason: string): void {
    broken ??= reason;
    done?.();
  }

  const barrier = encodeMessage({ type: 'barrierRequest', xid: BARRIER_XID });

  async function turn(messages: readonly Uint8Array[]): Promise<Message[]> {
    let timer: NodeJS.Timeout | undefined;
    const answered = new Promise<void>((resolve, reject) => {
      done = resolve;
      timer = setTimeout(() => reject(new Error('the switch did not answer a barrier request')), SOON.timeout);
    });
    if (broken === undefined) write(Buffer.concat([...messages, barrier]));
    else done?.();
    await answered.finally(() => clearTimeout(timer));
    done = undefined;
    if (broken !== undefined) throw new Error(broken);
    const all = came;
    came = [];
    return all;
  }

  return {
    take: (chunk) => framer.push(chunk),
    ended: () => end('the switch closed its connection'),
    turn,
    async ask(body) {
      const all = await turn([encodeMessage({ ...body, xid: ASKING_XID })]);
      const bad = all.find((message) => message.type === 'error');
      if (bad !== undefined) throw new Error(`the switch refused a request: ${JSON.stringify(bad)}`);
      return all.filter((message) => message.type === 'multipartReply');
    },
  };
}
