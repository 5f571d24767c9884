// From a socket file to Flowloom's HTTP port, which only its namespace has: `node relay.ts SOCKET ADDRESS PORT`.
import { connect, createServer } from 'node:net';

const [file = '', address = '', port = '0'] = process.argv.slice(2);

const server = createServer((client) => {
  const target = connect(Number(port), address);
  client.pipe(target).pipe(client);
  for (const socket of [client, target]) {
    socket.on('error', () => {
      client.destroy();
      target.destroy();
    });
  }
});

server.listen(file, () => process.stdout.write('listening\n'));
