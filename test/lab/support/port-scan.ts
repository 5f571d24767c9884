// `node port-scan.ts ADDRESS FIRST-LAST…`: TCP ports that answer within two seconds, one line each: `80 open`, `81 refused`.
import { connect } from 'node:net';

const [address = '', ...ranges] = process.argv.slice(2);
const PATIENCE = 2000;

for (const range of ranges) {
  const [first = 0, last = first] = range.split('-').map(Number);
  for (let port = first; port <= last; port++) {
    const socket = connect({ host: address, port });
    const told = (what: string) => {
      process.stdout.write(`${port} ${what}\n`);
      socket.destroy();
    };
    socket.on('connect', () => told('open'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      told(error.code === 'ECONNREFUSED' ? 'refused' : `${error.code}`),
    );
    setTimeout(() => socket.destroy(), PATIENCE);
  }
}
