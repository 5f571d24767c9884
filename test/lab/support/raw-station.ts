// A station without a stack: it sends frames as they are, and keeps those that come, tags and all.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { command, type Lab, type Namespace } from './lab.ts';
import { identify, signal } from './process.ts';
import { recordProcess, refuseIfClosed } from './record.ts';

export interface RawStation {
  send(frame: Uint8Array): void;
  /** What has come since it was asked last, as hexadecimal digits, in order. */
  took(): string[];
  /** Each frame that comes. */
  onFrame(heard: (digits: string) => void): void;
  close(): void;
}

/**
 * One line of hexadecimal digits for each frame, in and out. The kernel takes a tag off before a socket sees the frame, and
 * tells it beside (packet(7), PACKET_AUXDATA).
 */
const PROGRAM = `
import socket, struct, sys, threading
SOL_PACKET, AUXDATA, IGNORE_OUTGOING = 263, 8, 23
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.setsockopt(SOL_PACKET, AUXDATA, 1)
s.setsockopt(SOL_PACKET, IGNORE_OUTGOING, 1)
s.bind((sys.argv[1], 0))
def send():
    for line in sys.stdin:
        s.send(bytes.fromhex(line))
threading.Thread(target=send, daemon=True).start()
print('ready', flush=True)
while True:
    data, beside, _, _ = s.recvmsg(65536, 256)
    for level, kind, value in beside:
        if level == SOL_PACKET and kind == AUXDATA:
            status, _, _, _, _, tci, tpid = struct.unpack('IIIHHHH', value[:20])
            if status & 16:
                data = data[:12] + struct.pack('!HH', tpid if status & 64 else 0x8100, tci) + data[12:]
    print(data.hex(), flush=True)
`;

/** On a device of the namespace, which is up. */
export function openRawStation(lab: Lab, namespace: Namespace, device: string): Promise<RawStation> {
  refuseIfClosed(lab.record);
  const [program = '', ...words] = command(namespace, ['/usr/bin/python3', '-c', PROGRAM, device]);
  const child = spawn(program, words, { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  const identity = identify(child.pid ?? -1);
  if (identity === undefined) throw new Error(`nobody could be started at ${namespace.name}'s ${device}`);
  recordProcess(lab.record, identity);
  let frames: string[] = [];
  let heard: (digits: string) => void = () => undefined;
  const station: RawStation = {
    send: (frame) => void child.stdin.write(`${Buffer.from(frame).toString('hex')}\n`),
    took() {
      const all = frames;
      frames = [];
      return all;
    },
    onFrame(next) {
      heard = next;
    },
    close: () => signal(identity, 'SIGTERM'),
  };
  return new Promise((resolve, reject) => {
    child.on('exit', () => reject(new Error(`the station at ${namespace.name}'s ${device} has ended`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'ready') resolve(station);
      else {
        frames.push(line);
        heard(line);
      }
    });
  });
}
