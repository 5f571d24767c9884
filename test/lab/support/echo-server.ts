// A station's echo server: `node echo-server.ts PORT`. It gives back what it gets, and says how many are connected when asked by SIGUSR2.
import { createServer } from 'node:net';

const port = Number(process.argv[2]);
const server = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.pipe(socket);
});
server.listen(port, '0.0.0.0', 20_000, () => process.stdout.write('listening\n'));
process.on('SIGUSR2', () => server.getConnections((_, count) => process.stdout.write(`${count} connected\n`)));
