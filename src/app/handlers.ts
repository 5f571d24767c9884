/** What an app gives back of `attach` and `setup`: what it wants to hear. */

import type { Match } from '../../proto/openflow/match.ts';
import type { PortNumber } from '../../proto/openflow/reserved-numbers.ts';
import type { Config } from '../config/model.ts';
import type { FollowedInterface, Link, Station } from './events.ts';
import type { AppDatapath, AppPort } from './switch-view.ts';

/**
 * A packet that one of the app's own flows sent to it. It is this packet until the handler returns (or, in an async one,
 * first awaits): what is needed later is kept by `data.slice()`.
 */
export interface PacketInEvent {
  readonly inPort: number;
  /** The app's table whose flow sent it. */
  readonly table: string;
  /** Bytes of the frame that came, from its Ethernet header on. */
  readonly length: number;
  /** The frame; a view, made when it is read. */
  readonly data: Uint8Array;
  /** Where it stood in the pipeline: registers, metadata, tunnel fields, ct fields. Decoded when it is read. */
  readonly match: Match;
  /** MAC addresses as numbers of 48 bits; 0 where the frame is too short. */
  readonly ethDst: number;
  readonly ethSrc: number;
  /** The six bytes at `offset` of the frame, as a number. */
  mac(offset: number): number;
  /** Sends this packet out of the port as it is: the same as `dp.packetOut` with its data, and cheaper. */
  forward(port: PortNumber): void;
}

/** What an app wants to hear, on a switch and network-wide alike. */
interface CommonHandlers<C> {
  /** The app's own part of the file has changed. Without this, `attach` (or `setup`) runs anew instead. */
  configChanged?(config: C): void;
  /** The file was reloaded, the app's own config unchanged; or ports that it selects came to a bridge or left it. */
  networkChanged?(network: Config | undefined): void;
  /** On a switch: one that begins or ends there. */
  linkUp?(link: Link): void;
  linkDown?(link: Link): void;
  /** On a switch: one that is there. */
  stationSeen?(station: Station): void;
  /** On a switch: of a router that lives there. */
  addressChanged?(place: FollowedInterface): void;
  topologyChanged?(): void;
  /** Last words; flows, timers and services need no removal here. */
  detach?(): void;
}

/** What an app wants to hear on a switch. An exception in one of them, and a promise that is rejected, stay in the app. */
export interface Handlers<C = never> extends CommonHandlers<C> {
  packetIn?(packet: PacketInEvent): void;
  /** A port came, went, or its link changed; `dp.ports` is up to date. */
  portUp?(port: AppPort): void;
  portDown?(port: AppPort): void;
  /** A flow with a timeout has ended; it is withdrawn already. */
  flowRemoved?(table: string, key: string): void;
}

/** The same for the whole network: what concerns one switch tells which first. */
export interface NetworkHandlers<T extends string = string, C = never> extends CommonHandlers<C> {
  /** A switch is there, and what `attach` declares on it. */
  switchUp?(dp: AppDatapath<T>): void;
  /** It is gone, or the app leaves it. Its flows stand as they are. */
  switchDown?(dp: AppDatapath<T>): void;
  packetIn?(dp: AppDatapath<T>, packet: PacketInEvent): void;
  portUp?(dp: AppDatapath<T>, port: AppPort): void;
  portDown?(dp: AppDatapath<T>, port: AppPort): void;
  flowRemoved?(dp: AppDatapath<T>, table: string, key: string): void;
}
