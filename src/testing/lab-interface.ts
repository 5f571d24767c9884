/** What a test is given of a lab, and what it says to get one. */

import type { Published } from '../app/published.ts';
import type { ToldEvent } from '../app/telling.ts';
import type { Delivery } from './delivery.ts';
import type { Guest, GuestOptions } from './guest.ts';
import type { Counts } from './intent-counters.ts';
import type { LabApp } from './lab-controller.ts';
import type { Sendable } from './packet.ts';

export interface LabOptions {
  /** Those under test, each alone or with its part of the file; one that is built in, by its name. */
  apps?: readonly LabApp[];
  /** Names of switches to names of their ports, numbered from 1. With a file: ports besides those that it names. */
  switches?: Readonly<Record<string, readonly string[]>>;
  /** Cables between ports: `['s1:uplink', 's2:uplink']`. */
  links?: readonly (readonly [string, string])[];
  guests?: Readonly<Record<string, GuestOptions>>;
  /** A file's text: its bridges are the switches, and the apps run that `flowloom run` has with it. */
  file?: string;
}

/** What the controller has sent to the switches since it came. */
export interface SentMods {
  flowMods: number;
  groupMods: number;
  meterMods: number;
}

export interface LabPort {
  number: number;
  up: boolean;
  sent: Counts;
  received: Counts;
}

export interface Lab {
  /** A guest, or whoever is at the port `s1:a`, sends it. What guests answer by themselves is told, too. */
  send(from: string, packet: Sendable): Promise<Delivery>;
  /** As a guest does: it asks for the MAC address first. Rejects where no answer comes back; `to`: a guest or an address. */
  ping(from: string, to: string): Promise<Delivery>;
  /** Time goes on for switches and apps; tells of what left meanwhile. */
  advance(seconds: number): Promise<Delivery>;
  /** The cable at the port is cut, at both ends; `silently`: the ports stay up, and what is sent is lost. */
  cut(place: string, options?: { silently?: boolean }): Promise<Delivery>;
  mend(place: string): Promise<Delivery>;
  /** The guest is unplugged, and plugged in at another port. */
  move(guest: string, place: string): Promise<void>;
  /** Flowloom ends; what stands in the switches goes on. */
  stop(): Promise<void>;
  /** It comes back, with what it would remember. */
  start(): Promise<SentMods>;
  /** Both, one after the other. */
  restart(): Promise<SentMods>;
  /** Other apps, configs, or another file, as a reload brings them; what is not given stays. */
  reload(options: Pick<LabOptions, 'apps' | 'file'>): Promise<void>;
  /** What all flows with this intent have counted that stand in the switches now. */
  counters(intent: string): Counts;
  /** The switch's flows in the words of ovs-ofctl, with the names of tables: `admit priority=100,tcp actions=drop`. */
  flows(name: string): string[];
  port(place: string): LabPort;
  guest(name: string): Pick<Guest, 'at' | 'mac' | 'ip' | 'ip6'>;
  /** What an app counted, by the names of its definition. */
  appCounters(app: string): Record<string, number>;
  /** What an app offers, on a switch or for the whole network; undefined: nothing. */
  service<T>(
    service: { readonly name: string; readonly implementation?: T | undefined },
    switchName?: string,
  ): T | undefined;
  /** What apps publish of a topic, as the API shows it. */
  published<T extends keyof Published>(topic: T): Published[T][];
  /** What apps told people, since the lab began. */
  readonly told: readonly ToldEvent[];
  readonly sent: SentMods;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Lines of Flowloom's log: `info app on switch: text`. */
  readonly log: readonly string[];
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
