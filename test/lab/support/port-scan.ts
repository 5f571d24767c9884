// `node port-scan.ts ADDRESS FIRST-LAST…`: TCP ports that answer within some seconds, one line each: `80 open`, `81 refused`.
import { connect } from 'node:net';

const [address = '', ...ranges] = process.argv.slice(2);
/** Milliseconds: a SYN is sent at once, after 1 s and after 3 s. */
const PATIENCE = 4500;

for (const range of ranges) {
  const [first = 0, last = first] = range.split('-').map(Number);
  for (let port = first; port <= last; port++) scan(port);
}

function scan(port: number): void {
  const socket = connect({ host: address, port });
  const timer = setTimeout(() => socket.destroy(), PATIENCE);
  const told = (what: string) => {
    process.stdout.write(`${port} ${what}\n`);
    clearTimeout(timer);
    socket.destroy();
  };
  socket.on('connect', () => told('open'));
  socket.on('error', ({ code }: NodeJS.ErrnoException) => told(code === 'ECONNREFUSED' ? 'refused' : `${code}`));
}
