/** POST /api/v1/plan, over real HTTP on loopback: what it takes, and what it refuses before anything is looked at. */

import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { LARGEST_PLAN_REQUEST } from '../../src/api/bodies.ts';
import { started } from './api-support.ts';
import { samplePlan } from './sample-source.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

async function post(url: string, body: unknown, headers: Record<string, string> = JSON_TYPE) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(`${url}/api/v1/plan`, { method: 'POST', body: text, headers });
  return { status: answer.status, body: (await answer.json()) as { error?: { code: string; message: string } } };
}

test('a file is handed on as it is, and the plan is the answer', async () => {
  const { url, source } = await started();
  const file = { file: 'net.yaml', text: 'flowloom: 1\n# “quoted” \u{1f9f6}\n' };
  expect(await post(url, file)).toEqual({ status: 200, body: samplePlan() });
  expect(await post(url, { ...file, folder: '/etc/flowloom' })).toMatchObject({ status: 200 });
  expect(await post(url, file, { 'content-type': 'Application/JSON; charset=utf-8' })).toMatchObject({ status: 200 });
  expect((await fetch(`${url}/api/v1/plan`)).status).toBe(200);
  expect(source.asked).toEqual([file, { ...file, folder: '/etc/flowloom' }, file, undefined]);
});

test.for([
  [null, 400, /no JSON object/],
  [[], 400, /no JSON object/],
  ['"text"', 400, /no JSON object/],
  ['{"file":', 400, /JSON/],
  ['', 400, /./],
  [{ text: '' }, 400, /"file" is no path/],
  [{ file: '', text: '' }, 400, /"file" is no path/],
  [{ file: 'a\nb', text: '' }, 400, /"file" is no path/],
  [{ file: 'x'.repeat(5000), text: '' }, 400, /"file" is no path/],
  [{ file: 'a' }, 400, /"text" is no text/],
  [{ file: 'a', text: 7 }, 400, /"text" is no text/],
  [{ file: 'a', text: '', folder: 7 }, 400, /"folder" is no path/],
  [{ file: 'a', text: '', apply: true }, 400, /"apply" is not known/],
] as const)('%j is refused', async ([body, status, message]) => {
  const { url, source } = await started();
  expect(await post(url, body)).toMatchObject({ status, body: { error: { message: expect.stringMatching(message) } } });
  expect(source.asked).toEqual([]);
});

test('a body that is too large is refused before it is read', async () => {
  const { url, source } = await started();
  const headers = { ...JSON_TYPE, 'content-length': LARGEST_PLAN_REQUEST + 1 };
  const status = await new Promise((resolve, reject) => {
    const asked = request(`${url}/api/v1/plan`, { method: 'POST', headers }, (answer) => resolve(answer.statusCode));
    asked.on('error', reject);
    asked.write('{');
    onTestFinished(() => void asked.destroy());
  });
  expect(status).toBe(413);
  expect(source.asked).toEqual([]);
  const largest = { file: 'a', text: 'x'.repeat(LARGEST_PLAN_REQUEST - 100) };
  expect(await post(url, largest)).toMatchObject({ status: 200 });
});

test('what is no JSON at all, or too much, is refused with what to do', async () => {
  const { url } = await started();
  const hint = (text: string) => ({ body: { error: { code: 'bad-request', hint: expect.stringContaining(text) } } });
  for (const broken of ['{"file":', '{"file": net.yaml}', '']) {
    expect(await post(url, broken)).toMatchObject({ status: 400, ...hint('one JSON object') });
  }
  const large = JSON.stringify({ file: 'a', text: 'x'.repeat(LARGEST_PLAN_REQUEST) });
  expect(await post(url, large)).toMatchObject({ status: 413, ...hint('send less') });
});

test('pages of other sites cannot ask, nor who has no token', async () => {
  const body = { file: 'net.yaml', text: '' };
  const open = await started();
  const json = { status: 415, body: { error: { code: 'json-wanted' } } };
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp'])
    expect(await post(open.url, body, { 'content-type': type }), type).toMatchObject(json);
  expect(await post(open.url, body, { ...JSON_TYPE, origin: 'https://evil.example' })).toMatchObject({
    status: 403,
    body: { error: { code: 'foreign-origin' } },
  });
  expect(await post(open.url, body, { ...JSON_TYPE, origin: open.url })).toMatchObject({ status: 200 });
  const guarded = await started({ token: 'correct horse' });
  expect(await post(guarded.url, body)).toMatchObject({ status: 401 });
  const authorization = 'Bearer correct horse';
  expect(await post(guarded.url, body, { ...JSON_TYPE, authorization })).toMatchObject({ status: 200 });
  expect(open.source.asked).toHaveLength(1);
  expect(guarded.source.asked).toHaveLength(1);
});
