/** Runs the reconnect machine on real sockets and a real clock: holds one connection, or watches over an accepted one. */
import type { Socket } from 'node:net';
import { dial } from './dial.ts';
import * as reconnect from './reconnect.ts';
import { socketErrorText } from './socket-error.ts';
import { type ActiveTarget, formatTarget } from './target.ts';

/** What the protocol on top gives back for each connection. */
export interface Attached {
  /** Sends something that the peer must answer. */
  probe(): void;
}

export interface KeepConnectedOptions {
  target: ActiveTarget;
  reconnect?: Partial<reconnect.ReconnectOptions>;
  /** Called with each new connection, before anything was read from it. */
  attach(socket: Socket): Attached;
  /** waiting: a back-off runs; `error` says why the attempt or the connection ended. */
  onState?(state: 'connecting' | 'connected' | 'waiting', error: string | undefined): void;
}

export interface Keeper {
  /** Drops the connection, with the reason; it comes again after the usual pause. */
  reconnect(reason: string): void;
  stop(): void;
}

/** Dials the target, and again after each failure or end, until stopped. */
export function keepConnected(options: KeepConnectedOptions): Keeper {
  const name = formatTarget(options.target);
  let machine = reconnect.createReconnect(Date.now(), options.reconnect);
  let socket: Socket | undefined;
  let attached: Attached | undefined;
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

  async function open(): Promise<void> {
    machine = reconnect.connecting(machine, Date.now());
    options.onState?.('connecting', undefined);
    const current = new AbortController();
    attempt = current;
    clock.update();
    try {
      const opened = await dial(options.target, { signal: current.signal });
      attempt = undefined;
      machine = reconnect.connected(machine, Date.now());
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
      if (machine.state !== 'void') ended(reason ?? `${name}: ${failure ?? 'the peer closed the connection'}`);
    });
    attached = options.attach(opened);
    options.onState?.('connected', undefined);
    clock.update();
  }

  function drop(): void {
    if (machine.state === 'connecting') reason ??= `${name}: no answer; is the address right and the way there open?`;
    else if (machine.state === 'idle') {
      reason ??= `${name}: nothing was received for ${(machine.options.probeInterval * 2) / 1000} s, not even an answer to a probe`;
    }
    attempt?.abort();
    socket?.destroy();
  }

  function ended(error: string): void {
    reason = undefined;
    machine = reconnect.disconnected(machine, Date.now());
    clock.update();
    options.onState?.('waiting', error);
  }

  clock.update();
  return {
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
