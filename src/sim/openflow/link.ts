/** What a switch keeps for each of its controllers' connections (OpenFlow 1.4, 6.3). */

import { encodeMessage, type Message } from '../../../proto/openflow/message.ts';
import type { setPacketInFormat } from '../../../proto/openflow/nicira/packet-in.ts';
import type { Role } from '../../../proto/openflow/role.ts';
import type { Infer } from '../../../proto/wire/codec.ts';
import type { Refusal } from '../switch-state.ts';
import { type AsyncConfig, defaultAsyncConfig } from './async-config.ts';
import type { Bundle } from './bundle.ts';
import type { LinkMonitors } from './monitors.ts';
import type { PendingMultipart } from './multipart-assembly.ts';
import { encodeRefusal } from './refusal-message.ts';

export type PacketInFormat = Infer<typeof setPacketInFormat>['format'];

export interface Link {
  role: Exclude<Role, 'noChange'>;
  async: AsyncConfig;
  controllerId: number;
  packetInFormat: PacketInFormat;
  missSendLen: number;
  /** NXT_FLOW_MOD_TABLE_ID. */
  flowModTableId: boolean;
  readonly bundles: Map<number, Bundle>;
  readonly monitors: LinkMonitors;
  multipart: PendingMultipart | undefined;
  /** Milliseconds of the switch's clock. */
  readonly since: number;
  /** Both sides have said hello. */
  greeted: boolean;
  closed: boolean;
  send(message: Message): void;
  write(bytes: Uint8Array): void;
  /** Bytes that wait to be sent. */
  backlog(): number;
  /** Ends the connection from the switch's side. */
  end(): void;
}

export interface LinkEnds {
  write(bytes: Uint8Array): void;
  backlog?(): number;
  end(): void;
}

const DEFAULT_MISS_SEND_LEN = 128;

export function createLink(ends: LinkEnds, now: number, monitors: LinkMonitors): Link {
  return {
    role: 'equal',
    async: defaultAsyncConfig(),
    controllerId: 0,
    packetInFormat: 'standard',
    missSendLen: DEFAULT_MISS_SEND_LEN,
    flowModTableId: false,
    bundles: new Map(),
    monitors,
    multipart: undefined,
    since: now,
    greeted: false,
    closed: false,
    send: (message) => ends.write(encodeMessage(message)),
    write: ends.write,
    backlog: ends.backlog ?? (() => 0),
    end: ends.end,
  };
}

/** Tells that the message was refused, as `request` came. */
export function refuse(link: Link, request: Uint8Array, refusal: Refusal): void {
  link.write(encodeRefusal(refusal, request));
}
