/** POST /api/v1/trace, over real HTTP on loopback: what it takes, what it refuses, and that its answer is as OpenAPI says. */

import { expect, test } from 'vitest';
import { schemas } from '../../src/api/schemas.ts';
import { started } from './api-support.ts';
import { misfits } from './misfits.ts';
import { sampleTrace } from './sample-source.ts';

async function post(url: string, body: unknown) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/v1/trace`, { method: 'POST', body: JSON.stringify(body), headers });
  return { status: answer.status, body: (await answer.json()) as { error?: { code: string; message: string } } };
}

test('what is asked is handed on as it is, and the report is the answer', async () => {
  const { url, source } = await started();
  const asked = [
    { words: 'from web1 arp 10.0.0.1' },
    { frames: ['ff', '00'], in: 'web1', ctNext: ['trk,est'], reply: true },
  ];
  for (const each of asked) expect(await post(url, each)).toEqual({ status: 200, body: sampleTrace() });
  expect(source.traced).toEqual(asked);
  expect(misfits(sampleTrace(), { $ref: '#/components/schemas/TraceReport' }, schemas, 'the sample')).toEqual([]);
  for (const each of asked)
    expect(misfits(each, { $ref: '#/components/schemas/TraceRequest' }, schemas, 'the question')).toEqual([]);
});

test.for([
  [null, /no JSON object/],
  [{ word: 'from web1' }, /"word" is not known/],
  [{ words: 7 }, /"words" is no text/],
  [{ in: ['web1'] }, /"in" is no text/],
  [{ frames: 'ff' }, /"frames" is no list of texts/],
  [{ frames: [7] }, /"frames" is no list of texts/],
  [{ words: 'from', reply: 'yes' }, /"reply" is no yes or no/],
] as const)('%j is refused', async ([body, message]) => {
  const { url, source } = await started();
  expect(await post(url, body)).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringMatching(message) } },
  });
  expect(source.traced).toEqual([]);
});
