// One datagram to `ADDRESS PORT` and what came of it: `ECONNREFUSED` when an ICMP error found its way back, else `nothing`.
import { createSocket } from 'node:dgram';

const [address = '', port = '0', ownPort = '0'] = process.argv.slice(2);
const socket = createSocket('udp4');

function finish(what: string): void {
  process.stdout.write(`${what}\n`);
  socket.close();
  clearTimeout(timer);
}

const timer = setTimeout(() => finish('nothing'), 3000);
socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
socket.on('message', (message) => finish(`answer ${message}`));
socket.bind(Number(ownPort), () => {
  socket.connect(Number(port), address, () => socket.send('anybody there?'));
});
