// A station's web server: `node web-server.ts PORT NAME [ADDRESS]`, by default for IPv4; at `::` for both families. `/` says who answers and who asked, `/bytes/N` gives N bytes,
// `/together/N/WORD` says WORD and from which port it was asked once N such requests wait at the same time.
import { createServer, type ServerResponse } from 'node:http';

const [port = '80', name = 'web', address = '0.0.0.0'] = process.argv.slice(2);

const waiting: { response: ServerResponse; text: string }[] = [];

const server = createServer((request, response) => {
  const bytes = /^\/bytes\/(\d+)$/.exec(request.url ?? '')?.[1];
  if (bytes !== undefined) {
    response.end(Buffer.alloc(Number(bytes), 'x'));
    return;
  }
  const [, number, word] = /^\/together\/(\d+)\/(\w+)$/.exec(request.url ?? '') ?? [];
  if (number !== undefined) {
    const { remoteAddress, remotePort } = request.socket;
    waiting.push({ response, text: `${word} from ${remoteAddress} port ${remotePort}\n` });
    if (waiting.length < Number(number)) return;
    for (const { response, text } of waiting.splice(0)) response.end(text);
    return;
  }
  response.end(`${name} answers ${request.socket.remoteAddress?.replace('::ffff:', '')}\n`);
});

server.listen(Number(port), address, () => process.stdout.write('listening\n'));
