/** Asks a switch, and promises the answer: one message, or all parts of a multipart reply (OpenFlow 1.4, 7.1, 7.3.5). */

import type { Message, MessageBody } from '../../proto/openflow/message.ts';
import type { MultipartKind, MultipartReplyBody, MultipartRequestBody } from '../../proto/openflow/multipart.ts';
import type { Sending } from './outgoing.ts';
import type { PartKind, Requests, TakePart } from './requests.ts';

export interface Asking {
  /** The first message that answers with the same xid; rejects with OpenFlowError, RequestFailed or ConnectionClosed. */
  request(body: MessageBody): Promise<Message>;
  /** All parts of a multipart reply, joined. */
  multipart<K extends MultipartKind>(kind: K, request: MultipartRequestBody<K>): Promise<MultipartReplyBody<K>>;
  /** The same, each part given to `take` as it comes: nobody needs 100,000 flows at once. */
  each<K extends MultipartKind>(
    kind: K,
    request: MultipartRequestBody<K>,
    take: (part: MultipartReplyBody<K>) => void,
  ): Promise<void>;
  /**
   * A multipart reply part by part, undecoded and none of it kept: a dump of 100,000 flows has 40 MiB. Resolves after
   * the last part.
   */
  parts<K extends PartKind>(kind: K, request: MultipartRequestBody<K>, take: TakePart): Promise<void>;
  /** Resolves when the switch has done everything that was sent before. */
  barrier(): Promise<void>;
}

export function createAsking(requests: Requests, connection: Pick<Sending, 'send'>): Asking {
  /** `kind`: of a multipart request; `take`, `each`: its parts as they come, undecoded and decoded. */
  function ask(
    body: MessageBody,
    kind?: string,
    take?: TakePart,
    each?: (reply: unknown) => void,
  ): Promise<Message | unknown[]> {
    return new Promise((resolve, reject) => {
      const xid = requests.nextXid();
      if (take === undefined) requests.add(xid, { resolve, reject }, kind, each);
      else requests.addParts(xid, { resolve, reject }, kind as PartKind, take);
      try {
        connection.send(body, xid);
      } catch (error) {
        requests.reject(xid, error as Error);
      }
    });
  }

  return {
    request: (body) => ask(body) as Promise<Message>,
    async multipart(kind, request) {
      const parts = (await ask(
        { type: 'multipartRequest', flags: [], kind, request } as MessageBody,
        kind,
      )) as unknown[];
      return (Array.isArray(parts[0]) ? parts.flat() : parts[0]) as never;
    },
    async each(kind, request, take) {
      const body = { type: 'multipartRequest', flags: [], kind, request } as MessageBody;
      await ask(body, kind, undefined, take as (reply: unknown) => void);
    },
    async parts(kind, request, take) {
      await ask({ type: 'multipartRequest', flags: [], kind, request } as MessageBody, kind, take);
    },
    async barrier() {
      await ask({ type: 'barrierRequest' });
    },
  };
}
