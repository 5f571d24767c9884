/** What is known of a switch's ports, and why one is closed whatever the tree says. */

import { phaseOf } from './pace.ts';
import type { Place } from './tree.ts';

/** How long a new port is listened to before it may carry, from when its switch hands us what it hears. */
const LISTEN = 400;

export interface PortNow {
  number: number;
  name: string;
  up: boolean;
  /** False: a port that joins no two switches; it is neither asked nor believed. */
  asked: boolean;
}

/** Why a port is closed, whatever the tree says. */
export const NEW = 'it is new, and not known yet what is behind it';
export const DOWN = 'a cable was here, and it is down';
export const FELL_SILENT = 'a cable was here, and nothing is heard of it';
export const HALF = 'its cable is heard in one direction only';
export const KEPT = 'it has been closed since before the start, until all switches are heard';

export type Why = typeof NEW | typeof DOWN | typeof FELL_SILENT | typeof HALF | typeof KEPT;

export interface PortState extends PortNow {
  why: Why | undefined;
  /** When it may open; Infinity: not by time. */
  until: number;
  askAt: number;
  /** Of its own moment in a period. */
  phase: number;
  isEnd: boolean;
}

export interface SwitchState {
  connected: boolean;
  /** What it hears comes here. */
  hears: boolean;
  /** When it came; when it went, while it is not connected. */
  since: number;
  /** When it shall hand us a probe, while it does not hear. */
  askAt: number;
  /** So many times. */
  asked: number;
  ports: Map<number, PortState>;
}

export function openPort({ dpid }: Pick<Place, 'dpid'>, port: PortNow, now: number): PortState {
  const phase = phaseOf({ dpid, port: port.number });
  return { ...port, why: undefined, until: 0, askAt: now, phase, isEnd: false };
}

export function wait(port: PortState, why: Why, until: number): void {
  port.why = why;
  port.until = until;
}

/** Closed until the switch hears, and then for as long as an answer may take. */
export function listen(port: PortState, hears: boolean, now: number): void {
  wait(port, NEW, hears ? now + LISTEN : Number.POSITIVE_INFINITY);
  port.askAt = now;
}

/** What it hands us shows that it hears: from now on its new ports are listened to. */
export function beginHearing(state: SwitchState, now: number): void {
  state.hears = true;
  for (const port of state.ports.values()) {
    // What was sent so far may have been answered in vain.
    port.askAt = now;
    if (port.why === NEW && port.up && port.until === Number.POSITIVE_INFINITY) listen(port, true, now);
  }
}
