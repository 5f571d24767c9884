/** A packet-in as its app sees it: read from the message's bytes only where the app asks, one object for all of a switch. */

import type { Match } from '../../proto/openflow/match.ts';
import { decodeMessage } from '../../proto/openflow/message.ts';
import type { PacketInPlace } from '../../proto/openflow/packet-in-place.ts';
import type { PortNumber } from '../../proto/openflow/reserved-numbers.ts';
import type { Allowance } from './allowance.ts';
import type { PacketInEvent } from './handlers.ts';
import type { PacketSender } from './packet-sender.ts';

const NOTHING = new Uint8Array(0);

export class PacketInView implements PacketInEvent {
  inPort = 0;
  length = 0;
  #bytes: Uint8Array = NOTHING;
  #start = 0;
  #end = 0;
  #dataStart = 0;
  #tableId = 0;
  #isOver = true;
  #allowance: Allowance | undefined;
  readonly #sender: PacketSender;
  readonly #tableName: (id: number) => string;

  constructor(sender: PacketSender, tableName: (id: number) => string) {
    this.#sender = sender;
    this.#tableName = tableName;
  }

  /** For the time of the handler: from here to `end` it is this packet. */
  show(place: PacketInPlace, allowance?: Allowance): void {
    this.#allowance = allowance;
    this.#bytes = place.bytes;
    this.#start = place.start;
    this.#end = place.end;
    this.#dataStart = place.dataStart;
    this.#tableId = place.tableId;
    this.inPort = place.inPort;
    this.length = place.end - place.dataStart;
    this.#isOver = false;
  }

  end(): void {
    this.#isOver = true;
    this.#bytes = NOTHING;
  }

  get table(): string {
    this.#check();
    return this.#tableName(this.#tableId);
  }

  get data(): Uint8Array {
    this.#check();
    return this.#bytes.subarray(this.#dataStart, this.#end);
  }

  get match(): Match {
    this.#check();
    const message = decodeMessage(this.#bytes.subarray(this.#start, this.#end));
    return message.type === 'packetIn' ? message.match : {};
  }

  get ethDst(): number {
    return this.mac(0);
  }

  get ethSrc(): number {
    return this.mac(6);
  }

  mac(offset: number): number {
    this.#check();
    if (offset < 0 || offset + 6 > this.length) return 0;
    const bytes = this.#bytes;
    const at = this.#dataStart + offset;
    const low = (bytes[at + 2]! << 24) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!;
    return ((bytes[at]! << 8) | bytes[at + 1]!) * 0x1_0000_0000 + (low >>> 0);
  }

  forward(port: PortNumber): void {
    this.#check();
    if (this.#allowance?.take() === false) this.#allowance.drop();
    else this.#sender.forward(port, this.inPort, this.#bytes, this.#dataStart, this.#end);
  }

  /** An app that comes back to it later would see another packet. */
  #check(): void {
    if (this.#isOver) throw new Error('the packet is over: keep what is needed of it, as data.slice(), in its handler');
  }
}
