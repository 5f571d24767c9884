// Takes datagrams on a port and prints each as a line of hex digits.
import { createSocket } from 'node:dgram';

const [port = '0'] = process.argv.slice(2);
const socket = createSocket('udp4');
socket.on('message', (message) => process.stdout.write(`${message.toString('hex')}\n`));
socket.bind(Number(port), () => process.stdout.write('listening\n'));
