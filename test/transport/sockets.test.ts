/** Dialling and listening on loopback and unix sockets. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { dial } from '../../src/transport/dial.ts';
import { keepConnected, watchInactivity } from '../../src/transport/keepalive.ts';
import { type Listener, listen } from '../../src/transport/listen.ts';
import { formatTarget, parsePassiveTarget } from '../../src/transport/target.ts';
import { SOON } from '../support/soon.ts';

let folder: string;
const cleanups: (() => unknown)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowloom-transport-'));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await rm(folder, { recursive: true, force: true });
});

async function serve(text: string, onSocket: (socket: Socket) => void): Promise<Listener> {
  const listener = await listen(parsePassiveTarget(text), onSocket);
  cleanups.push(() => listener.close());
  return listener;
}
function portOf(listener: Listener): number {
  return listener.target.kind === 'ptcp' ? listener.target.port : 0;
}

describe('dial and listen', () => {
  test.each(['ptcp:0:127.0.0.1', 'ptcp:0:[::1]', 'punix'])('carry bytes over %s', async (text) => {
    const listener = await serve(text === 'punix' ? `punix:${folder}/s` : text, (socket) => socket.pipe(socket));
    const { target } = listener;
    const socket = await dial(
      target.kind === 'punix'
        ? { kind: 'unix', path: target.path }
        : { kind: 'tcp', address: target.address!, port: target.port },
    );
    const answer = new Promise<string>((resolve) => socket.once('data', (bytes) => resolve(bytes.toString())));
    socket.write('hello');
    expect(await answer).toBe('hello');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await listener.close();
    await closed;
  });

  test('say in words why it failed', async () => {
    const gone = await serve('ptcp:0:127.0.0.1', () => {});
    const port = portOf(gone);
    await gone.close();
    await expect(dial({ kind: 'tcp', address: '127.0.0.1', port })).rejects.toThrow(
      `tcp:127.0.0.1:${port}: connection refused: nothing listens there`,
    );
    await expect(dial({ kind: 'unix', path: `${folder}/none` })).rejects.toThrow('there is no such socket');
    await expect(listen({ kind: 'ptcp', port: 0, address: '192.0.2.1' }, () => {})).rejects.toThrow(
      'this machine does not have that address',
    );
    const taken = await serve('ptcp:0:127.0.0.1', () => {});
    await expect(listen(taken.target, () => {})).rejects.toThrow(
      `${formatTarget(taken.target)}: the address is in use by another program`,
    );
  });

  test('a socket file left by a killed process is replaced, a living one is not', async () => {
    const path = `${folder}/left`;
    // What kill -9 leaves: the file, and nobody behind it.
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    expect(existsSync(path)).toBe(true);
    await serve(`punix:${path}`, () => {});
    await expect(listen({ kind: 'punix', path }, () => {})).rejects.toThrow('in use by another program');
  });
});

describe('keepConnected', () => {
  test('retries until the peer is there, and again when it is gone', async () => {
    const path = `${folder}/late`;
    const states: string[] = [];
    const keeper = keepConnected({
      target: { kind: 'unix', path },
      reconnect: { minBackoff: 20, maxBackoff: 50 },
      attach: () => ({ probe() {} }),
      onState: (state, error) => states.push(error === undefined ? state : `${state}: ${error}`),
    });
    cleanups.push(() => keeper.stop());
    await vi.waitFor(() => expect(states.at(-1)).toMatch(/^waiting: .*there is no such socket/), SOON);
    const sockets: Socket[] = [];
    await serve(`punix:${path}`, (socket) => sockets.push(socket));
    await vi.waitFor(() => expect(states.at(-1)).toBe('connected'), SOON);
    await vi.waitFor(() => expect(sockets.length).toBe(1), SOON);
    sockets[0]!.destroy();
    await vi.waitFor(() => expect(sockets.length).toBe(2), SOON);
    expect(states).toContain(`waiting: unix:${path}: the peer closed the connection`);
    keeper.reconnect('changed my mind');
    await vi.waitFor(() => expect(sockets.length).toBe(3), SOON);
    expect(states).toContain('waiting: changed my mind');
  });

  test('a silent peer is probed, then dropped', async () => {
    let probes = 0;
    const states: string[] = [];
    const listener = await serve('ptcp:0:127.0.0.1', () => {});
    const keeper = keepConnected({
      target: { kind: 'tcp', address: '127.0.0.1', port: portOf(listener) },
      reconnect: { probeInterval: 30, minBackoff: 10_000 },
      attach: () => ({ probe: () => probes++ }),
      onState: (state, error) => states.push(error === undefined ? state : `${state}: ${error}`),
    });
    cleanups.push(() => keeper.stop());
    await vi.waitFor(() => expect(states.at(-1)).toMatch(/waiting: .*nothing was received for 0.06 s/), SOON);
    expect(probes).toBe(1);
  });

  test('an accepted socket that answers stays, one that is silent is dropped', async () => {
    let probes = 0;
    const listener = await serve('ptcp:0:127.0.0.1', (socket) => {
      watchInactivity(socket, { probe }, { probeInterval: 250 });
      function probe(): void {
        probes++;
        socket.write('?');
      }
    });
    const answering = await dial({ kind: 'tcp', address: '127.0.0.1', port: portOf(listener) });
    answering.on('data', () => answering.write('!'));
    const silent = await dial({ kind: 'tcp', address: '127.0.0.1', port: portOf(listener) });
    silent.resume();
    await new Promise((resolve) => silent.once('close', resolve));
    await vi.waitFor(() => expect(probes).toBeGreaterThan(2), SOON);
    expect(answering.destroyed).toBe(false);
    answering.destroy();
  });

  test('a handler that refuses each socket does not end the listener', async () => {
    const listener = await serve('ptcp:0:127.0.0.1', (socket) => socket.destroy(new Error('refused')));
    for (let attempt = 0; attempt < 3; attempt++) {
      const socket = await dial({ kind: 'tcp', address: '127.0.0.1', port: portOf(listener) });
      socket.on('error', () => {});
      socket.resume();
      await new Promise((resolve) => socket.once('close', resolve));
    }
  });
});
