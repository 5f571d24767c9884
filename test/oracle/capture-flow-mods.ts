// Open vSwitch's own bytes of flows, groups and meters: what `ovs-ofctl` sends to a switch that is none.
import { spawn } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';

/** Longest that one ovs-ofctl may take. */
const LIMIT = 30_000;

const HELLO = 0;
const ECHO_REQUEST = 2;
const FEATURES_REQUEST = 5;
const GET_CONFIG_REQUEST = 7;
const FLOW_MOD = 14;
const GROUP_MOD = 15;
const MULTIPART_REQUEST = 18;
const BARRIER_REQUEST = 20;
const METER_MOD = 29;
const BUNDLE_CONTROL = 33;
const BUNDLE_ADD = 34;

/** Speaks of OpenFlow only what ovs-ofctl waits for, by hand: our codec must not be its own witness. */
function answer(bytes: Buffer): Buffer | undefined {
  switch (bytes[1]) {
    case HELLO:
      return message(HELLO, 1, Buffer.from('0001000800000020', 'hex'));
    case ECHO_REQUEST:
      return reply(bytes, 3, bytes.subarray(8));
    case FEATURES_REQUEST:
      return reply(bytes, 6, Buffer.from('000000000000000100000000fe0000000000004700000000', 'hex'));
    case GET_CONFIG_REQUEST:
      return reply(bytes, 8, Buffer.from('0000ffff', 'hex'));
    case MULTIPART_REQUEST:
      // No ports, no tables, no groups: names are of no use here.
      return reply(bytes, 19, Buffer.concat([bytes.subarray(8, 10), Buffer.alloc(6)]));
    case BARRIER_REQUEST:
      return reply(bytes, 21, Buffer.alloc(0));
    case BUNDLE_CONTROL: {
      const body = Buffer.from(bytes.subarray(8));
      body.writeUInt16BE(body.readUInt16BE(4) + 1, 4);
      return reply(bytes, BUNDLE_CONTROL, body);
    }
    default:
      return undefined;
  }
}

function message(type: number, xid: number, body: Buffer): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(5, 0);
  bytes.writeUInt8(type, 1);
  bytes.writeUInt16BE(8 + body.length, 2);
  bytes.writeUInt32BE(xid, 4);
  return Buffer.concat([bytes, body]);
}

const reply = (to: Buffer, type: number, body: Buffer) => message(type, to.readUInt32BE(4), body);

function serve(socket: Socket, received: Buffer[]): void {
  let pending = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 8 && pending.length >= Math.max(8, pending.readUInt16BE(2))) {
      const bytes = Buffer.from(pending.subarray(0, Math.max(8, pending.readUInt16BE(2))));
      pending = pending.subarray(bytes.length);
      received.push(bytes);
      const response = answer(bytes);
      if (response !== undefined) socket.write(response);
    }
  });
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

function run(words: readonly string[], input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('ovs-ofctl', words, { stdio: ['pipe', 'ignore', 'pipe'], timeout: LIMIT });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    child.stdin.on('error', () => undefined);
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(`ovs-ofctl ${words.join(' ')}: ${complaint.trim() || `exit ${code}`}${named(complaint, input)}`),
        );
    });
    child.stdin.end(input);
  });
}

/** The line of the input that ovs-ofctl's complaint names by number. */
function named(complaint: string, input: string): string {
  const number = /:(\d+):/.exec(complaint)?.[1];
  const line = number === undefined ? undefined : input.split('\n')[Number(number) - 1];
  return line === undefined ? '' : `\nthe line is: ${line}`;
}

/** Every message that `ovs-ofctl [OPTIONS] COMMAND tcp:… WORDS` sends to a switch, in order; `input` is its stdin. */
export async function captureMessages(
  command: string,
  words: readonly string[],
  input = '',
  options: readonly string[] = [],
  /** It waits for answers that this switch does not give: what it had sent by then is what counts. */
  { mayFail = false } = {},
): Promise<Uint8Array[]> {
  const received: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    serve(socket, received);
  });
  const port = await listen(server);
  try {
    await run(['-O', 'OpenFlow14', '--no-names', ...options, command, `tcp:127.0.0.1:${port}`, ...words], input);
  } catch (error) {
    if (!mayFail) throw error;
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
  return received.map((bytes) => Uint8Array.from(bytes));
}

/** As messages in bundles have it, they are taken out of them. */
function ofType(messages: readonly Uint8Array[], type: number): Uint8Array[] {
  return messages
    .map((bytes) => (bytes[1] === BUNDLE_ADD ? bytes.subarray(16) : bytes))
    .filter((bytes) => bytes[1] === type);
}

function expectOneEach(lines: readonly string[], messages: Uint8Array[]): Uint8Array[] {
  if (messages.length === lines.length) return messages;
  throw new Error(`${lines.length} lines gave ${messages.length} messages of ovs-ofctl`);
}

/**
 * One flow-mod for each line of ovs-ofctl's text, by one process. A line may start with `add`, `modify`,
 * `modify_strict`, `delete` or `delete_strict` and a space. With `bundle` they come in an atomic bundle.
 */
export async function captureFlowMods(lines: readonly string[], { bundle = false } = {}): Promise<Uint8Array[]> {
  const messages = await captureMessages('add-flows', ['-'], `${lines.join('\n')}\n`, bundle ? ['--bundle'] : []);
  return expectOneEach(lines, ofType(messages, FLOW_MOD));
}

/** One group-mod for each line; a line may start with a command as in captureFlowMods. */
export async function captureGroupMods(lines: readonly string[], command = 'add-groups'): Promise<Uint8Array[]> {
  return expectOneEach(lines, ofType(await captureMessages(command, ['-'], `${lines.join('\n')}\n`), GROUP_MOD));
}

/** One meter-mod for each line, by a process each: ovs-ofctl reads meters from its arguments alone. */
export async function captureMeterMods(lines: readonly string[], command = 'add-meter'): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for (const line of lines) {
    found.push(...expectOneEach([line], ofType(await captureMessages(command, [line]), METER_MOD)));
  }
  return found;
}
