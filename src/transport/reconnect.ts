/** When to connect, probe and give up: a state machine without I/O or clock, after Open vSwitch's python/ovs/reconnect.py. Times are milliseconds. */

export interface ReconnectOptions {
  /** The first pause after a failure. */
  minBackoff: number;
  /** The pause doubles up to this. */
  maxBackoff: number;
  /** Without anything received for so long the peer is probed, and after as long again given up. 0: never. */
  probeInterval: number;
  /** An attempt to connect is given up after this, or after the current pause where that is longer. */
  connectTimeout: number;
  /** With several targets: so many failures in a row, one at each, come before a pause. */
  round: number;
}

export const defaultReconnectOptions: ReconnectOptions = {
  minBackoff: 1000,
  maxBackoff: 8000,
  probeInterval: 5000,
  connectTimeout: 1000,
  round: 1,
};

export interface Reconnect {
  readonly options: ReconnectOptions;
  /** void: stopped · backoff: pausing · connecting · active: connected · idle: connected and probed · reconnect: to be dropped now. */
  readonly state: 'void' | 'backoff' | 'connecting' | 'active' | 'idle' | 'reconnect';
  /** When this state began. */
  readonly since: number;
  /** The pause after the next failed round. */
  readonly backoff: number;
  /** The pause of this back-off; none within a round. */
  readonly pause: number;
  readonly lastActivity: number;
  readonly lastConnected: number;
  /** Attempts since the last time that a connection stood. */
  readonly failures: number;
}

export type ReconnectAction = 'connect' | 'probe' | 'disconnect';

/** A machine whose first action is to connect at once. */
export function createReconnect(now: number, options: Partial<ReconnectOptions> = {}): Reconnect {
  return {
    options: { ...defaultReconnectOptions, ...options },
    state: 'backoff',
    since: now,
    backoff: 0,
    pause: 0,
    lastActivity: now,
    lastConnected: now,
    failures: 0,
  };
}

/** The caller began an attempt. */
export function connecting(machine: Reconnect, now: number): Reconnect {
  return enter(machine, 'connecting', now);
}

/** The attempt succeeded. */
export function connected(machine: Reconnect, now: number): Reconnect {
  return { ...enter(machine, 'active', now), lastConnected: now, lastActivity: now, failures: 0 };
}

/** Something was received. */
export function activity(machine: Reconnect, now: number): Reconnect {
  const alive: Reconnect = { ...machine, lastActivity: now };
  return machine.state === 'idle' ? enter(alive, 'active', now) : alive;
}

/** The attempt failed or the connection ended. A connection that was of use starts again with the shortest pause. */
export function disconnected(machine: Reconnect, now: number): Reconnect {
  if (machine.state === 'void' || machine.state === 'backoff') return machine;
  const { minBackoff, maxBackoff, round } = machine.options;
  const stood = machine.state !== 'connecting' && machine.failures === 0;
  const useful = stood && machine.lastActivity - machine.lastConnected >= machine.backoff;
  const failures = machine.failures + 1;
  const next: Reconnect = { ...enter(machine, 'backoff', now), failures, pause: 0 };
  if (failures % round !== 0) return useful ? { ...next, backoff: 0 } : next;
  const backoff = useful ? minBackoff : Math.min(maxBackoff, Math.max(minBackoff, machine.backoff * 2));
  return { ...next, backoff, pause: backoff };
}

/** Drop the connection, and connect again after the usual pause. */
export function forceReconnect(machine: Reconnect, now: number): Reconnect {
  const open = machine.state === 'connecting' || machine.state === 'active' || machine.state === 'idle';
  return open ? enter(machine, 'reconnect', now) : machine;
}

export function stop(machine: Reconnect, now: number): Reconnect {
  return enter(machine, 'void', now);
}

/** When `run` has to be called next; undefined: only after another event. */
export function deadline(machine: Reconnect): number | undefined {
  const { options, since } = machine;
  switch (machine.state) {
    case 'void':
      return undefined;
    case 'backoff':
      return since + machine.pause;
    case 'connecting':
      return since + Math.max(options.connectTimeout, machine.backoff);
    case 'active':
      return options.probeInterval === 0 ? undefined : Math.max(machine.lastActivity, since) + options.probeInterval;
    case 'idle':
      return since + options.probeInterval;
    case 'reconnect':
      return since;
  }
}

/** What is to be done now. After `connect` the caller says `connecting`, after `disconnect` it says `disconnected`. */
export function run(machine: Reconnect, now: number): { machine: Reconnect; action: ReconnectAction | undefined } {
  const due = deadline(machine);
  if (due === undefined || now < due) return { machine, action: undefined };
  switch (machine.state) {
    case 'backoff':
      return { machine, action: 'connect' };
    case 'active':
      return { machine: enter(machine, 'idle', now), action: 'probe' };
    default:
      return { machine, action: 'disconnect' };
  }
}

function enter(machine: Reconnect, state: Reconnect['state'], now: number): Reconnect {
  return { ...machine, state, since: now };
}
