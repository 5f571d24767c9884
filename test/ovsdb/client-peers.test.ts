/** Peers that misbehave, over real sockets: what they send never hangs, crashes or fills the memory of the client. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { createClient } from '../../src/ovsdb/client/client.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { memoryInUse } from '../support/memory.ts';
import { type Conformance, conformanceSchema, startConformance } from './conformance-server.ts';

const mebibyte = 1024 * 1024;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A client and its peer, which has answered the client's first question as a server before Open vSwitch 2.9 does. */
async function strange(options: { probeInterval?: number } = {}) {
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write('{"id":0,"result":null,"error":{"error":"unknown database","details":"_Server"}}');
      accepted.resolve(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = await connectOvsdb(`tcp:127.0.0.1:${(server.address() as AddressInfo).port}`, options);
  const peer = await accepted.promise;
  cleanups.push(
    () => server.close(),
    () => peer.destroy(),
    () => client.close(),
  );
  return { client, peer };
}

/** Writes so many times, as fast as the other side reads, until it ends the connection. */
async function flood(peer: Socket, chunk: Buffer, times: number): Promise<void> {
  for (let sent = 0; sent < times && !peer.destroyed; sent++) {
    if (peer.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      const done = () => {
        peer.off('drain', done);
        peer.off('close', done);
        resolve();
      };
      peer.on('drain', done);
      peer.on('close', done);
    });
  }
}

describe('a peer that is no OVSDB server', () => {
  test('half a text and then silence: the probe ends it', async () => {
    const { client, peer } = await strange({ probeInterval: 150 });
    const pending = client.listDatabases();
    const failed = expect(pending).rejects.toMatchObject({ name: 'ConnectionClosedError', outcome: 'unknown' });
    peer.write('{"id":1,"result":["Open_vSw');
    expect((await client.closed).message).toBe('nothing was received for 0.3 s, not even an answer to a probe');
    await failed;
  });

  test('a line of 100 MiB is refused at 64, and is not kept', async () => {
    const { client, peer } = await strange();
    const before = memoryInUse();
    peer.write('{"id":1,"result":["');
    await flood(peer, Buffer.alloc(mebibyte, 'x'), 100);
    expect((await client.closed).message).toBe(`a JSON text longer than ${64 * mebibyte} bytes`);
    expect(memoryInUse() - before).toBeLessThan(8 * mebibyte);
  });

  test('a long text by single bytes does not stop the rest of the process', async () => {
    const { client, peer } = await strange();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    for (let sent = 0; sent < 500; sent++) {
      peer.write(sent === 0 ? '{' : ' ');
      if (sent % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    peer.write('"id":null,"method":"x","params":[]}{"id":1,"result":["a"],"error":null}');
    const pending = client.listDatabases();
    expect(await pending).toEqual(['a']);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(5);
  });

  test.each([
    ['HTTP/1.1 400 Bad Request\r\n', 'a JSON object was expected, found byte 0x48'],
    ['\u0016\u0003\u0001', 'a JSON object was expected, found byte 0x16'],
    ['{"id":1,"result":[\u0000]}', 'broken JSON'],
    ['{"id":1}', 'neither request nor reply'],
    ['{"id":1,"method":7}', 'neither request nor reply'],
    ['{"id":null,"method":"update","params":["m",[]]}{"a":1}', 'neither request nor reply'],
    ['["reply"]', 'a JSON-RPC message was expected'],
    ['['.repeat(1001), 'JSON nested deeper than 1000'],
  ])('ends the connection, and says why: %#', async (text, reason) => {
    const { client, peer } = await strange();
    const failed = expect(client.listDatabases()).rejects.toThrow(reason);
    peer.write(text);
    expect((await client.closed).message).toContain(reason);
    await failed;
  });

  test('replies with ids that are wrong, of another type or twice reach nobody', async () => {
    const { client, peer } = await strange();
    const first = client.listDatabases();
    const second = client.listDatabases();
    peer.write('{"id":99,"result":["no"],"error":null}{"id":"1","result":["no"],"error":null}');
    peer.write('{"id":[1],"result":["no"],"error":null}{"id":{"id":1},"result":["no"],"error":null}{"result":["no"]}');
    peer.write('{"id":-1,"result":["no"],"error":null}{"id":1.5,"result":["no"],"error":null}');
    peer.write('{"id":18446744073709551617,"result":["no"],"error":null}');
    peer.write('{"id":2,"result":["second"],"error":null}{"id":2,"result":["again"],"error":null}');
    peer.write('{"id":1,"result":["first"],"error":null}{"id":1,"error":"late"}');
    expect(await first).toEqual(['first']);
    expect(await second).toEqual(['second']);
    const third = client.listDatabases();
    peer.write('{"id":3,"result":["third"]}');
    expect(await third).toEqual(['third']);
  });

  test('a reply with both result and error is an error; one with neither value is a result of another form', async () => {
    const { client, peer } = await strange();
    const both = client.listDatabases();
    peer.write('{"id":1,"result":["a"],"error":{"error":"internal error"}}');
    await expect(both).rejects.toThrow('list_dbs: internal error');
    const neither = client.listDatabases();
    peer.write('{"id":2,"result":null,"error":null}');
    await expect(neither).rejects.toThrow('list_dbs: an array was expected, found null');
  });

  test('notifications of monitors and locks that nobody has are passed over; one that cannot be read ends the connection', async () => {
    const { client, peer } = await strange();
    for (const method of ['update', 'update2', 'update3', 'monitor_canceled', 'locked', 'stolen', 'nothing']) {
      peer.write(`{"id":null,"method":"${method}","params":["nobody"]}{"id":null,"method":"${method}","params":[]}`);
    }
    const started = client.monitor('db', { id: 'ours', requests: {}, onUpdate() {} });
    peer.write('{"id":1,"result":[false,"x",{}],"error":null}');
    await started;
    peer.write('{"id":null,"method":"update3","params":["ours","x",{"Bridge":{"u":{"what":1}}}]}');
    expect((await client.closed).message).toContain('Bridge u: initial, insert, modify or delete was expected');
  });

  test('a lock that it gives after nobody waits for it is given back', async () => {
    const [near, far] = duplexPair();
    const client = createClient(near, { timeout: 50 });
    const seen: string[] = [];
    far.on('data', (chunk: Buffer) => seen.push(String(chunk)));
    await expect(client.lock('l')).rejects.toThrow('lock: no answer within 0.05 s');
    await expect.poll(() => seen.join('')).toContain('{"method":"unlock","params":["l"],"id":1}');
    client.close();
  });

  test('requests that it makes are answered, whatever they ask', async () => {
    const { peer } = await strange();
    let text = '';
    peer.on('data', (bytes) => {
      text += bytes.toString();
    });
    peer.write('{"id":"e","method":"echo","params":[9007199254740993]}{"id":7,"method":"transact","params":[]}');
    await expect.poll(() => text).toContain('"unknown method"');
    expect(text).toContain('{"id":"e","result":[9007199254740993],"error":null}');
    expect(text).toContain('"id":7');
  });

  test('any messages leave the client at work, or closed with a reason', async () => {
    const word = fc.constantFrom(
      'update',
      'update2',
      'update3',
      'monitor_canceled',
      'locked',
      'stolen',
      'echo',
      'cancel',
      'm',
    );
    const { json } = fc.letrec<{ json: unknown }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(
          null,
          true,
          0,
          1,
          2,
          -1,
          1.5,
          '',
          '__proto__',
          'set',
          'map',
          'uuid',
          'new',
          'old',
          'insert',
          'modify',
        ),
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('Bridge', 'new', 'old', 'insert', 'modify', '__proto__'), tie('json'), {
          maxKeys: 3,
        }),
      ),
    }));
    const params = fc.oneof(json, fc.array(json, { maxLength: 3 }), fc.tuple(fc.constant('m'), json, json));
    const messages = fc.record(
      { id: json, method: fc.oneof(word, json), params, result: json, error: json },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(messages, { maxLength: 6 }), async (sent) => {
        const [near, far] = duplexPair();
        far.resume();
        const client = createClient(near);
        const pending = client.monitor('db', { id: 'm', requests: {}, onUpdate() {} }).catch((error: unknown) => error);
        const locked = client.lock('m').catch((error: unknown) => error);
        for (const message of sent) far.write(JSON.stringify(message));
        await new Promise((resolve) => setImmediate(resolve));
        client.close('the end');
        expect((await client.closed).message).not.toBe('');
        await Promise.all([pending, locked]);
      }),
      { numRuns: 500 },
    );
  });

  test('one that asks on and reads no answer is cut off', async () => {
    const { client, peer } = await strange();
    peer.pause();
    const question = Buffer.from(`{"id":1,"method":"echo","params":["${'x'.repeat(mebibyte)}"]}`);
    await flood(peer, question, 200);
    expect((await client.closed).message).toBe('the peer does not read what is sent to it');
  });
});

describe('a slow reader', () => {
  let ovsdb: Conformance;
  const start = async () => {
    ovsdb = await startConformance();
    cleanups.push(() => ovsdb.stop());
  };

  test('a server that is stopped while much is sent: bounded, and the outcome of each is said to be unknown', async () => {
    await start();
    const before = memoryInUse();
    const comment = 'x'.repeat(mebibyte);
    ovsdb.server.signal('SIGSTOP');
    let most = 0;
    const outcomes: string[] = [];
    const attempts: Promise<unknown>[] = [];
    for (let sent = 0; sent < 100; sent++) {
      const attempt = ovsdb.transact(
        { op: 'comment', comment },
        { op: 'insert', table: 'Value', row: { integer: sent } },
      );
      attempts.push(
        attempt.catch((error: { outcome: string; message: string }) =>
          outcomes.push(`${error.outcome}: ${error.message}`),
        ),
      );
      await new Promise((resolve) => setImmediate(resolve));
      if (sent % 10 === 9) most = Math.max(most, memoryInUse() - before);
    }
    await Promise.all(attempts);
    // 64 MiB unsent, and what was on its way.
    expect(most).toBeLessThan(80 * mebibyte);
    expect(memoryInUse() - before).toBeLessThan(8 * mebibyte);
    expect(outcomes).toHaveLength(100);
    expect(new Set(outcomes)).toEqual(
      new Set([
        'unknown: the peer does not read what is sent to it',
        'nothing: the peer does not read what is sent to it',
      ]),
    );
    ovsdb.server.signal('SIGCONT');
    // What arrived whole was carried out, in order and once.
    const again = await connectOvsdb(ovsdb.server.target);
    const [rows] = await again.transact(conformanceSchema.name, [
      { op: 'select', table: 'Value', where: [], columns: ['integer'] },
    ]);
    again.close();
    const unknown = outcomes.filter((text) => text.startsWith('unknown')).length;
    const numbers = rows!.rows!.map(({ integer }) => Number(integer)).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from(numbers, (_, index) => index));
    expect(numbers.length).toBeLessThanOrEqual(unknown);
  });

  test('we ourselves: what a server sends while this process is busy for a second comes whole', async () => {
    await start();
    const seen: number[] = [];
    await ovsdb.client.monitor(conformanceSchema.name, {
      id: 'm',
      requests: { Value: [{ columns: ['integer', 'string'] }] },
      onUpdate(updates) {
        for (const { update } of updates) if ('row' in update) seen.push((update.row as { integer: number }).integer);
      },
    });
    const writer = `
      import { connectOvsdb } from ${JSON.stringify(new URL('../../src/ovsdb/client/connect.ts', import.meta.url).href)};
      const client = await connectOvsdb(${JSON.stringify(ovsdb.server.target)});
      const string = 'x'.repeat(50_000);
      console.log('ready');
      for (let integer = 1; integer <= 300; integer++) {
        await client.transact('Conformance', [{ op: 'insert', table: 'Value', row: { integer, string } }]);
      }
      client.close();
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    const busy = performance.now() + 1000;
    while (performance.now() < busy);
    expect(await exited).toEqual([0, null]);
    await expect.poll(() => seen.length).toBe(300);
    // The server tells a slow reader of several transactions at once, its rows in any order.
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from(seen, (_, index) => index + 1));
  });
});
