// `node many-clients.ts ADDRESS PORT COUNT`: so many connections, all open at once; then each says a word of its own and gets it back.
// On standard output `open N` once they are, and after each SIGUSR2 how many were answered.
import { connect, type Socket } from 'node:net';

const [address = '', port = '', count = ''] = process.argv.slice(2);
/** That begin at a time. */
const AT_ONCE = 200;
const sockets: Socket[] = [];

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port: Number(port), noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** True: what it said came back. */
function isAnswered(socket: Socket, word: string): Promise<boolean> {
  return new Promise((resolve) => {
    let said = '';
    const done = (right: boolean) => {
      socket.off('data', heard).off('close', lost);
      resolve(right);
    };
    const heard = (chunk: Buffer) => {
      said += chunk.toString();
      if (said.length >= word.length) done(said === word);
    };
    const lost = () => done(false);
    socket.on('data', heard).on('close', lost);
    socket.write(word);
  });
}

while (sockets.length < Number(count)) {
  const next = Math.min(AT_ONCE, Number(count) - sockets.length);
  sockets.push(...(await Promise.all(Array.from({ length: next }, open))));
}
for (const socket of sockets) socket.on('error', () => undefined);
process.stdout.write(`open ${sockets.length}\n`);

let round = 0;

async function answer(): Promise<void> {
  round++;
  let answered = 0;
  for (let from = 0; from < sockets.length; from += AT_ONCE) {
    const some = sockets.slice(from, from + AT_ONCE);
    const right = await Promise.all(some.map((socket, i) => isAnswered(socket, `${round}/${from + i};`)));
    answered += right.filter(Boolean).length;
  }
  process.stdout.write(`answered ${answered} in round ${round}\n`);
}

process.on('SIGUSR2', () => void answer());
