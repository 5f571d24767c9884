/** A router in Linux' kernel, in a network namespace that ends with the process: addresses, a ruleset, and frames at its devices. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface KernelRouter {
  /** A new one: nothing is known of any connection. Rejects with what `ip` or `nft` said. */
  begin(devices: readonly string[], commands: readonly string[], ruleset: string): Promise<void>;
  /** Sends a frame to a device; what came out, in order, until the router had done with it. */
  send(device: string, frame: Uint8Array): Promise<{ device: string; frame: Uint8Array }[]>;
  stop(): void;
}

/**
 * This process is all that is cabled to the router. What a frame has brought is there when the router has answered an ARP
 * request that was sent behind it: it takes one after the other.
 */
const PROGRAM = `
import json, os, select, socket, struct, subprocess, sys, time
ASK, OWN = b'\\x02\\0\\0\\0\\xaa\\xaa', {}
router, sockets = None, {}
def begin(order):
    global router, sockets
    if router: router.stdin.close(); router.wait()
    for device, s in sockets.items():
        s.close()
        subprocess.run(['ip', 'link', 'delete', device], capture_output=True)
    sockets = {}
    router = subprocess.Popen(['unshare', '-n', 'cat'], stdin=subprocess.PIPE)
    here = os.readlink('/proc/self/ns/net')
    while os.readlink('/proc/%d/ns/net' % router.pid) == here: time.sleep(0.001)
    for device in order['devices']:
        run(['ip', 'link', 'add', device, 'type', 'veth', 'peer', 'name', device, 'netns', str(router.pid)])
        run(['sysctl', '-qw', 'net.ipv6.conf.%s.disable_ipv6=1' % device])
        run(['ip', 'link', 'set', device, 'up'])
    inside = ['nsenter', '-t', str(router.pid), '-n']
    run(inside + ['sh', '-ec', '\\n'.join(order['commands'])])
    run(inside + ['nft', '-f', '-'], order['ruleset'])
    for device in order['devices']:
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        s.setsockopt(263, 23, 1)
        s.bind((device, 0))
        sockets[device] = s
    # A link comes up when it comes up.
    until = time.monotonic() + 10
    for device, address in order['own'].items():
        while not answers(device, address):
            if time.monotonic() > until: raise Exception('the router answers no ARP at first')
    # Late answers are to nothing that is asked later.
    for s in sockets.values():
        while select.select([s], [], [], 0.01)[0]: s.recv(65536)
def answers(device, address):
    ask(device, address)
    if not select.select([sockets[device]], [], [], 0.02)[0]: return False
    return is_answer(sockets[device].recv(65536))
def ask(device, address):
    asked = socket.inet_aton(address)
    sockets[device].send(b'\\xff' * 6 + ASK + struct.pack('!HHHBBH', 0x806, 1, 0x800, 6, 4, 1) + ASK + b'\\xa9\\xfe\\0\\1' + bytes(6) + asked)
def is_answer(data):
    return data[:6] == ASK and data[12:14] == b'\\x08\\x06'
def run(words, text=None):
    done = subprocess.run(words, input=text, text=True, capture_output=True)
    if done.returncode != 0: raise Exception('%s: %s' % (' '.join(words)[:200], done.stderr))
def send(device, digits, own):
    sockets[device].send(bytes.fromhex(digits))
    ask(device, own)
    came, answered, until = [], False, time.monotonic() + 10
    while True:
        ready, _, _ = select.select(sockets.values(), [], [], 0 if answered else max(0, until - time.monotonic()))
        if not ready:
            if answered: return came
            raise Exception('the router answers no ARP')
        for name, s in sockets.items():
            if s not in ready: continue
            data = s.recv(65536)
            if is_answer(data): answered = True
            else: came.append([name, data.hex()])
for line in sys.stdin:
    order = json.loads(line)
    try:
        answer = {'came': send(*order['send'])} if 'send' in order else begin(order)
        print(json.dumps(answer), flush=True)
    except Exception as error:
        print(json.dumps({'error': str(error)}), flush=True)
`;

type Answer = { came?: [device: string, digits: string][]; error?: string } | null;

/** `own`: an IPv4 address of the router on each device. */
export function startKernelRouter(own: (device: string) => string): KernelRouter {
  const child: ChildProcess = spawn('unshare', ['-n', '/usr/bin/python3', '-c', PROGRAM], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting: ((answer: Answer) => void)[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => waiting.shift()?.(JSON.parse(line) as Answer));
  child.on('exit', () => {
    for (const tell of waiting.splice(0)) tell({ error: 'the router has ended' });
  });

  async function ask(order: unknown): Promise<Answer> {
    const answer = await new Promise<Answer>((resolve) => {
      waiting.push(resolve);
      child.stdin!.write(`${JSON.stringify(order)}\n`);
    });
    if (answer?.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  return {
    async begin(devices, commands, ruleset) {
      await ask({ devices, commands, ruleset, own: Object.fromEntries(devices.map((each) => [each, own(each)])) });
    },
    async send(device, frame) {
      const answer = await ask({ send: [device, Buffer.from(frame).toString('hex'), own(device)] });
      return (answer?.came ?? []).map(([name, digits]) => ({ device: name, frame: Buffer.from(digits, 'hex') }));
    },
    stop: () => child.stdin!.end(),
  };
}
