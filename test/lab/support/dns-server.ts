// A name server that knows one address: `node dns-server.ts ADDRESS PORT ANSWER` answers every question with it (RFC 1035).
import { createSocket } from 'node:dgram';

const [address = '', port = '53', answer = '192.0.2.1'] = process.argv.slice(2);
const NAME_OF_QUESTION = [0xc0, 12];
const TYPE_A_CLASS_IN = [0, 1, 0, 1];
const socket = createSocket('udp4');
socket.on('message', (query, from) => {
  const record = [...NAME_OF_QUESTION, ...TYPE_A_CLASS_IN, 0, 0, 0, 60, 0, 4, ...answer.split('.').map(Number)];
  const response = Buffer.concat([query, Buffer.from(record)]);
  // A response without an error, with one answer.
  response.writeUInt16BE(0x8180, 2);
  response.writeUInt16BE(1, 6);
  socket.send(response, from.port, from.address);
});
socket.bind(Number(port), address, () => process.stdout.write('listening\n'));
