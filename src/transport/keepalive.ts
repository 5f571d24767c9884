/** Runs the reconnect machine on real sockets and a real clock: holds one connection, or watches over an accepted one. */
import type { Socket } from 'node:net';
import { dial } from './dial.ts';
import * as reconnect from './reconnect.ts';
import { socketErrorText } from './socket-error.ts';
import { type ActiveTarget, formatTarget } from './target.ts';
import type { TlsOptions } from './tls.ts';

/** What the protocol on top gives back for each connection. */
export interface Attached {
  /** Sends something that the peer must answer. */
  probe(): void;
}

export interface KeepConnectedOptions<A extends Attached> {
  /** Several are tried in turn; a pause comes only after each had its turn. */
  target: ActiveTarget | readonly ActiveTarget[];
  /** What `ssl:` needs. */
  tls?: TlsOptions | undefined;
  reconnect?: Partial<reconnect.ReconnectOptions>;
  /** Called with each new connection, before anything was read from it. */
  attach(socket: Socket): A;
  /** Whether this peer is one to stay with, asked before the connection counts as one; it says why not by rejecting. */
  admit?: ((attached: A) => Promise<void>) | undefined;
  /** waiting: a back-off runs; `error` says why the attempt or the connection ended. */
  onState?(state: 'connecting' | 'connected' | 'waiting', error: string | undefined): void;
}

export interface Keeper {
  /** Drops the connection, with the reason; it comes again after the usual pause. */
  reconnect(reason: string): void;
  /** The one that is or was last tried. */
  readonly target: ActiveTarget;
  stop(): void;
}

/** Dials the target, and again after each failure or end, until stopped. */
export function keepConnected<A extends Attached>(options: KeepConnectedOptions<A>): Keeper {
  const targets = Array.isArray(options.target) ? (options.target as readonly ActiveTarget[]) : [options.target];
  let turn = 0;
  let target = targetOf(turn);
  let machine = reconnect.createReconnect(Date.now(), { round: targets.length, ...options.reconnect });
  let socket: Socket | undefined;
  let attached: A | undefined;
  let attempt: AbortController | undefined;
  let reason: string | undefined;
  const clock = createClock(
    () => reconnect.deadline(machine),
    () => {
      const result = reconnect.run(machine, Date.now());
      machine = result.machine;
      if (result.action === 'connect') void open();
      else if (result.action === 'probe') attached?.probe();
      else if (result.action === 'disconnect') drop();
    },
  );

  function targetOf(index: number): ActiveTarget {
    const found = targets[index % targets.length];
    if (found === undefined) throw new TypeError('keepConnected: no target was given');
    return found as ActiveTarget;
  }

  async function open(): Promise<void> {
    target = targetOf(turn);
    machine = reconnect.connecting(machine, Date.now());
    options.onState?.('connecting', undefined);
    const current = new AbortController();
    attempt = current;
    clock.update();
    try {
      const opened = await dial(target, { signal: current.signal, tls: options.tls });
      attempt = undefined;
      hold(opened);
    } catch (error) {
      attempt = undefined;
      if (machine.state === 'void') return;
      ended(reason ?? (error instanceof Error ? error.message : String(error)));
    }
  }

  function hold(opened: Socket): void {
    socket = opened;
    let failure: string | undefined;
    opened.on('error', (error) => {
      failure = socketErrorText(error);
    });
    opened.on('data', () => {
      machine = reconnect.activity(machine, Date.now());
    });
    opened.once('close', () => {
      socket = undefined;
      attached = undefined;
      if (machine.state !== 'void') ended(reason ?? tell(failure ?? 'the peer closed the connection'));
    });
    attached = options.attach(opened);
    if (options.admit === undefined) stand();
    else void admit(opened, options.admit(attached));
  }

  async function admit(opened: Socket, admitted: Promise<void>): Promise<void> {
    try {
      await admitted;
      if (socket === opened && machine.state === 'connecting') stand();
    } catch (error) {
      if (socket !== opened) return;
      reason ??= tell(error instanceof Error ? error.message : String(error));
      opened.destroy();
    }
  }

  function stand(): void {
    machine = reconnect.connected(machine, Date.now());
    options.onState?.('connected', undefined);
    clock.update();
  }

  function tell(what: string): string {
    return `${formatTarget(target)}: ${what}`;
  }

  function drop(): void {
    if (machine.state === 'connecting') reason ??= tell('no answer; is the address right and the way there open?');
    else if (machine.state === 'idle') {
      const silence = (machine.options.probeInterval * 2) / 1000;
      reason ??= tell(`nothing was received for ${silence} s, not even an answer to a probe`);
    }
    attempt?.abort();
    // With the reason, so that whoever uses the socket hears it too.
    socket?.destroy(reason === undefined ? undefined : new Error(reason));
  }

  function ended(error: string): void {
    reason = undefined;
    turn++;
    machine = reconnect.disconnected(machine, Date.now());
    clock.update();
    options.onState?.('waiting', error);
  }

  clock.update();
  return {
    get target() {
      return target;
    },
    reconnect(why) {
      const forced = reconnect.forceReconnect(machine, Date.now());
      if (forced === machine) return;
      reason = why;
      machine = forced;
      clock.update();
    },
    stop() {
      machine = reconnect.stop(machine, Date.now());
      clock.stop();
      attempt?.abort();
      socket?.destroy();
    },
  };
}

/** Probes a peer that dialled in, and destroys the socket where it stays silent. */
export function watchInactivity(
  socket: Socket,
  attached: Attached,
  options: Partial<reconnect.ReconnectOptions> = {},
): void {
  let machine = reconnect.connected(reconnect.createReconnect(Date.now(), options), Date.now());
  const clock = createClock(
    () => reconnect.deadline(machine),
    () => {
      const result = reconnect.run(machine, Date.now());
      machine = result.machine;
      if (result.action === 'probe') attached.probe();
      else if (result.action === 'disconnect') {
        machine = reconnect.stop(machine, Date.now());
        socket.destroy(
          new Error(
            `nothing was received for ${(machine.options.probeInterval * 2) / 1000} s, not even an answer to a probe`,
          ),
        );
      }
    },
  );
  socket.on('data', () => {
    machine = reconnect.activity(machine, Date.now());
  });
  socket.once('close', () => clock.stop());
  clock.update();
}

/** One timer that follows the machine's deadline. */
function createClock(deadline: () => number | undefined, tick: () => void): { update(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  function update(): void {
    clearTimeout(timer);
    const due = deadline();
    if (due === undefined || stopped) return;
    timer = setTimeout(
      () => {
        // After our own process was held up, what the peer sent meanwhile is still unread: read it before judging.
        setImmediate(() => {
          if (stopped) return;
          tick();
          update();
        });
      },
      Math.max(0, due - Date.now()),
    );
  }
  return {
    update,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
