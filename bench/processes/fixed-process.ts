import { createServer } from 'node:http';
import { reply } from './child';

const ANSWER_BYTES = 800;
const body = Buffer.from(JSON.stringify({ filler: 'x'.repeat(ANSWER_BYTES - '{"filler":""}'.length) }));
const headers = ['content-type', 'application/json', 'content-length', String(body.length)];

/** The least that an HTTP service on Node can do: no route, no store, always the same bytes. */
const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, headers);
  response.end(body);
});
process.once('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  reply({ kind: 'result', value: { url: `http://127.0.0.1:${address.port}` } });
});
