/** A switch's answer that it refused a message (OpenFlow 1.4, 7.5.4), or why there will be no answer. */

import { errorName } from '../../proto/openflow/error.ts';
import type { MessageOf } from '../../proto/openflow/message.ts';

export class OpenFlowError extends Error {
  /** `BAD_ACTION/BAD_OUT_GROUP` */
  readonly reason: string;
  readonly xid: number;
  /** What was refused, its first bytes at least. */
  readonly offender: Uint8Array;

  constructor(message: MessageOf<'error'>) {
    const reason = errorName(message);
    super(`the switch refused it: ${reason}`);
    this.name = 'OpenFlowError';
    this.reason = reason;
    this.xid = message.xid;
    this.offender = 'data' in message && message.data instanceof Uint8Array ? message.data : new Uint8Array(0);
  }
}

export class ConnectionClosed extends Error {
  constructor(reason: string) {
    super(`the connection ended before the switch answered: ${reason}`);
    this.name = 'ConnectionClosed';
  }
}

/** The answer can't be used, or the request was not sent; the connection goes on. */
export class RequestFailed extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'RequestFailed';
  }
}
