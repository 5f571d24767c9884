// A station's web server: `node web-server.ts PORT NAME`. `/` says who answers and who asked, `/bytes/N` gives N bytes.
import { createServer } from 'node:http';

const [port = '80', name = 'web'] = process.argv.slice(2);

const server = createServer((request, response) => {
  const bytes = /^\/bytes\/(\d+)$/.exec(request.url ?? '')?.[1];
  if (bytes !== undefined) {
    response.end(Buffer.alloc(Number(bytes), 'x'));
    return;
  }
  response.end(`${name} answers ${request.socket.remoteAddress}\n`);
});

server.listen(Number(port), '0.0.0.0', () => process.stdout.write('listening\n'));
