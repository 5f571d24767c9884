/** The REST API as a client sees it, over real HTTP on loopback. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseListen } from '../../src/api/listen.ts';
import { routes } from '../../src/api/routes.ts';
import { startApi } from '../../src/api/server.ts';
import type { JsonSchema } from '../../src/api/shapes/schema.ts';
import type { FlowStatus } from '../../src/api/snapshot.ts';
import { silent, started } from './api-support.ts';
import { misfits } from './misfits.ts';
import { type SampleSource, sampleCounters, sampleSource } from './sample-source.ts';

async function json(url: string, init?: RequestInit): Promise<{ status: number; body: never; headers: Headers }> {
  const answer = await fetch(url, init);
  return { status: answer.status, body: (await answer.json()) as never, headers: answer.headers };
}

/** fetch does not let a caller choose the Host header. */
function withHost(url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('every route answers with what the source holds', async () => {
  const { url, source } = await started();
  const { snapshot, flowList } = source;
  const expected: Record<string, unknown> = {
    status: snapshot,
    hosts: snapshot.hosts,
    switches: snapshot.switches,
    segments: snapshot.segments,
    apps: snapshot.apps,
    stations: snapshot.stations,
    'stations?switch=hv1/br0&segment=loc': snapshot.stations.slice(0, 2),
    'stations?switch=00000000000000B2': snapshot.stations.slice(2),
    'stations?mac=02:00:00:00:00:01': snapshot.stations.slice(0, 1),
    'stations?ip=FD00::7': snapshot.stations.slice(2),
    'stations?port=vx4789t64': snapshot.stations.slice(1, 2),
    'stations?mac=02:00:00:00:00:99': [],
    'mac-tables': snapshot.macTables,
    topology: snapshot.topology,
    plan: source.networkPlan,
    config: source.configStatus,
    release: source.releaseReport,
    drift: source.driftStatus,
    events: source.eventList,
    'events?since=1': source.eventList.slice(1),
    'events?kind=switch': source.eventList.slice(0, 1),
    rules: source.ruleList,
    'rules?kind=nat': source.ruleList.slice(0, 2),
    interfaces: source.publishedRows.interfaces,
    routes: source.publishedRows.routes,
    'neighbours?router=edge&address=10.88.88.1': source.publishedRows.neighbours.slice(1),
    leases: source.publishedRows.leases,
    'leases?mac=02:00:00:00:00:67': source.publishedRows.leases.slice(1),
    'leases?segment=wan': [],
    'flows?intent=masquerade': [flowList[2]],
    'flows?intent=yaml:24': [flowList[2]],
    flows: flowList,
    'switches/00000000000000b2/flows': flowList.slice(5),
    'switches/00000000000000B2/flows?app=firewall': flowList.slice(6),
    'flows?switch=hv1/br0': flowList.slice(0, 5),
    'flows?switch=00000000000000a1&app=nat': [flowList[2]],
    'flows?app=nat&intent=accept': [],
    'counters?of=flow': sampleCounters(flowList),
    'counters?of=flow&app=nat': [sampleCounters(flowList)[2]],
    'counters?of=flow&switch=hv2/br0': sampleCounters(flowList).slice(5),
    'counters?of=queue': [],
    [`counters/history?of=flow&id=${encodeURIComponent(flowList[0]!.id)}`]: {
      ...{ of: 'flow', id: flowList[0]!.id, step: 1, from: 1_700_000_000_000 },
      rates: { packets: [0, 2], bytes: [0, 128] },
    },
  };
  for (const [path, body] of Object.entries(expected)) {
    expect(await json(`${url}/api/v1/${path}`), path).toMatchObject({ status: 200, body });
  }
  const ports = await json(`${url}/api/v1/ports`);
  expect(ports.body).toHaveLength(6);
  expect(ports.body[0]).toMatchObject({ dpid: '00000000000000a1', switch: 'hv1/br0', name: 'web1', number: 1 });
});

test('what an answer tells is read before, of the switch that is asked for', async () => {
  const { url, source } = await started();
  const reads: Record<string, unknown[]> = {
    flows: [{ kinds: ['flow'] }],
    'flows?switch=hv2/br0': [{ kinds: ['flow'], dpid: '00000000000000b2' }],
    'switches/00000000000000B2/flows': [{ kinds: ['flow'], dpid: '00000000000000b2' }],
    ports: [{ kinds: ['port'] }],
    status: [{ kinds: ['port', 'flow'] }],
    intents: [{ kinds: ['flow'] }],
    'counters?of=app': [{ kinds: ['flow'] }],
    'counters?of=meter': [{ kinds: ['meter'] }],
    hosts: [],
    'counters/history?of=app&id=nobody': [],
  };
  for (const [path, wanted] of Object.entries(reads)) {
    source.wanted.length = 0;
    await json(`${url}/api/v1/${path}`);
    expect(source.wanted, path).toEqual(wanted);
  }
});

test('what is counted, of which, in which steps: another word is refused with those that there are', async () => {
  const { url } = await started();
  const refused: [string, number, RegExp][] = [
    ['counters', 400, /\?of=… with one of flow, intent, app/],
    ['counters?of=toString', 400, /nothing is counted of "toString"/],
    ['counters?of=flow&port=1', 400, /no query parameter "port"/],
    ['counters/history?of=queue&id=1', 400, /no history is kept of a queue.*flow, intent, app, port, table/],
    ['counters/history?of=intent', 400, /which intent is not said.*counters\?of=intent/],
    ['counters/history?of=intent&id=1&step=2', 400, /no history of an intent has steps of "2".*1, 10, 60/],
    ['counters/history?of=flow&id=1&step=60', 400, /no history of a flow has steps of "60".*one of 1$/],
    ['counters/history?of=flow&id=1', 404, /no flow has the id/],
  ];
  for (const [path, status, says] of refused) {
    const answer = await json(`${url}/api/v1/${path}`);
    expect(answer.status, path).toBe(status);
    const { message, hint } = (answer.body as { error: { message: string; hint: string } }).error;
    expect(`${message}; ${hint}`, path).toMatch(says);
  }
});

test('an intent has counted what flows that are gone have counted too', async () => {
  const { url, source } = await started();
  const [one] = source.counters('flow');
  source.counters = () => [{ ...one!, of: 'intent', counts: { packets: 9_999_999, bytes: 5 } }];
  const { body } = await json(`${url}/api/v1/intents`);
  const rows = body as { intent: string | null; packets: number; bytes: number }[];
  const row = rows.find(({ intent }) => intent === one!.intent);
  expect(row).toMatchObject({ packets: 9_999_999, bytes: 98_767_098 });
});

test('intents are flows summed over switches, foreign flows in one row', async () => {
  const { url } = await started();
  const { body } = await json(`${url}/api/v1/intents`);
  const rows = body as { app: string | null; intent: string | null }[];
  expect(rows).toHaveLength(5);
  expect(rows.find((row) => row.intent === 'accept http from net to loc')).toEqual({
    ...{ app: 'firewall', intent: 'accept http from net to loc', source: 'flowloom.yaml:31', flows: 2 },
    ...{
      switches: ['hv1/br0', 'hv2/br0'],
      packets: 1_234_584,
      bytes: 98_767_098,
      packetRate: 813.5,
      bitRate: 6_500_784,
    },
  });
  expect(rows.find((row) => row.app === null)).toMatchObject({ intent: null, source: null, flows: 1 });
});

test('what is named must be there: 404 with those that are, 400 for what can be no such name', async () => {
  const { url, source } = await started();
  const both = 'name one of hv1/br0, hv2/br0';
  const refused: [string, number, string, string][] = [
    ['flows?switch=nope', 404, 'there is no switch "nope"', both],
    ['flows?switch=', 404, 'there is no switch ""', both],
    ['stations?switch=hv1/br1', 404, 'there is no switch "hv1/br1"', both],
    ['counters?of=port&switch=nope', 404, 'there is no switch "nope"', both],
    ['flows?app=nobody', 404, 'there is no app "nobody"', 'name one of firewall, '],
    ['switches/00000000000000a1/flows?app=nobody', 404, 'there is no app "nobody"', 'name one of firewall, '],
    ['counters?of=app&app=nobody', 404, 'there is no app "nobody"', 'name one of firewall, '],
    ['stations?segment=net', 404, 'there is no segment "net"', 'name one of loc, wan'],
    ['flows?intent=nope', 404, 'no flow is there for "nope"', 'see /api/v1/intents'],
    ['counters?of=port&id=nope', 404, 'no port has the id "nope"', 'see /api/v1/counters?of=port'],
    [
      'switches/00000000000000ff/flows',
      404,
      'there is no switch "00000000000000ff"',
      '00000000000000a1, 00000000000000b2',
    ],
    ['switches/beef/flows', 400, '"beef" is no datapath id', 'give its 16 hex digits'],
    ['stations?mac=02:00', 400, '"02:00" is no MAC address', 'give it like 02:'],
  ];
  const apps = source.snapshot.apps.toSorted((a, b) => Number(b.name === 'firewall') - Number(a.name === 'firewall'));
  source.snapshot.apps = apps;
  for (const [path, status, message, hint] of refused) {
    source.wanted.length = 0;
    expect(await json(`${url}/api/v1/${path}`), path).toMatchObject({
      status,
      body: { error: { message, hint: expect.stringContaining(hint) } },
    });
    if (/switch|app=|segment|mac/.test(path)) expect(source.wanted, `${path}: nothing is read`).toEqual([]);
  }
  source.snapshot.switches = [];
  expect(await json(`${url}/api/v1/flows?switch=hv1/br0`)).toMatchObject({
    status: 404,
    body: { error: { code: 'unknown-switch', hint: 'no switch is connected yet' } },
  });
});

test('errors say what is wrong and what to do', async () => {
  const { url } = await started();
  expect(await json(`${url}/api/v1/rules?kind=policies`)).toMatchObject({
    status: 400,
    body: { error: { code: 'bad-parameter', hint: 'name one of firewall, policy, nat' } },
  });
  expect(await json(`${url}/api/v1/neighbours?router=egde`)).toMatchObject({
    status: 404,
    body: { error: { code: 'unknown-router', hint: 'name one of edge' } },
  });
  expect(await json(`${url}/api/v1/events?kind=drfit`)).toMatchObject({
    status: 400,
    body: { error: { code: 'bad-parameter', hint: 'name one of file, host, switch, drift, refused, app' } },
  });
  expect(await json(`${url}/api/v1/release?dropController=yes`)).toMatchObject({
    status: 400,
    body: { error: { code: 'bad-parameter', hint: 'say true or false' } },
  });
  expect(await json(`${url}/api/v1/flows?swich=hv1`)).toMatchObject({
    status: 400,
    body: { error: { code: 'unknown-parameter', hint: 'it takes: switch, app, intent' } },
  });
  expect(await json(`${url}/api/v1/flows?app=a&app=b`)).toMatchObject({ status: 400 });
  expect(await json(`${url}/api/v1/nothing?token=secret`)).toMatchObject({
    status: 404,
    body: { error: { code: 'not-found', message: 'there is nothing at /api/v1/nothing' } },
  });
  expect(await json(`${url}/api/v1/plan`, { method: 'DELETE' })).toMatchObject({
    status: 405,
    body: { error: { code: 'not-served', message: expect.stringContaining('/api/v1/plan') } },
  });
  expect(await json(`${url}/api/v1/flows`, { method: 'DELETE' })).toMatchObject({
    status: 405,
    body: { error: { code: 'not-served' } },
  });
  expect(await json(`${url}/api/v1/flows`, { method: 'POST', body: 'x'.repeat(5000) })).toMatchObject({ status: 413 });
  expect(await json(`${url}/api/v1/switches/%zz/flows`)).toMatchObject({
    status: 400,
    body: { error: { code: 'bad-request' } },
  });
  expect(await json(`${url}/api/v1/stream`)).toMatchObject({
    status: 426,
    body: { error: { code: 'websocket-only' } },
  });
});

test('what changes something wants JSON of this site, and nothing else than it knows', async () => {
  const { url, source } = await started();
  const file = BODIES.ApplyRequest!;
  const plain = { method: 'POST', body: JSON.stringify(file), headers: { 'content-type': 'text/plain' } };
  expect(await json(`${url}/api/v1/apply`, plain)).toMatchObject({ status: 415 });
  const foreign = posting(file, { origin: 'http://evil.example' });
  expect(await json(`${url}/api/v1/apply`, foreign)).toMatchObject({ status: 403 });
  for (const confirm of [0, -1, 1.5, '60', null, 86_401]) {
    const { status, body } = await json(`${url}/api/v1/apply`, posting({ ...file, confirm }));
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('"confirm"') } },
    });
  }
  expect(await json(`${url}/api/v1/apply`, posting({ ...file, force: true }))).toMatchObject({ status: 400 });
  expect(await json(`${url}/api/v1/confirm`, posting({ id: 7 }))).toMatchObject({ status: 400 });
  expect(await json(`${url}/api/v1/confirm`, posting({ file: 'x' }))).toMatchObject({ status: 400 });
  expect(await json(`${url}/api/v1/apply`)).toMatchObject({ status: 404 });
  expect(source.applied).toEqual([]);
  expect(source.confirmed).toEqual([]);
  source.configStatus = undefined;
  expect(await json(`${url}/api/v1/config`)).toMatchObject({ status: 404, body: { error: { code: 'no-file' } } });
});

test('what goes wrong inside is told to the log, not to the client', async () => {
  const source = sampleSource();
  const { url } = await started({
    source: {
      ...source,
      flows() {
        throw new Error('secret detail');
      },
    },
  });
  const { status, body } = await json(`${url}/api/v1/flows`);
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain('secret');
});

test('readyz names what is awaited, healthz does not mind', async () => {
  const { url, source } = await started();
  expect(await json(`${url}/readyz`)).toMatchObject({ status: 200, body: { ready: true, awaited: [] } });
  source.snapshot.hosts[1]!.state = 'connecting';
  source.snapshot.hosts[1]!.error = 'connection refused';
  source.snapshot.switches[0]!.state = 'synchronising';
  expect(await json(`${url}/readyz`)).toMatchObject({
    status: 503,
    body: { ready: false, awaited: ['host hv2: connecting, connection refused', 'switch hv1/br0: synchronising'] },
  });
  expect(await json(`${url}/healthz`)).toMatchObject({ status: 200, body: { alive: true } });
});

interface Operation {
  parameters?: { name: string; in: string; required: boolean }[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, { content?: Record<string, { schema: JsonSchema }> }>;
}

/** What each POST may be asked with. */
const BODIES: Record<string, object> = {
  PlanRequest: { file: 'net.yaml', text: 'flowloom: 1', folder: '/etc/flowloom' },
  ApplyRequest: { file: 'net.yaml', text: 'flowloom: 1', confirm: 60 },
  ConfirmRequest: { id: '0a1b2c3d4e5f' },
  ReleaseRequest: { anyway: true, dropController: false },
};

function bodyFor(schema: string | undefined): object {
  return BODIES[schema?.split('/').at(-1) ?? ''] ?? {};
}

function posting(body: object | undefined, headers: Record<string, string> = {}): RequestInit {
  if (body === undefined) return { headers };
  return { method: 'POST', body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } };
}

test('the OpenAPI document lists exactly the routes, and its schemas fit what is answered', async () => {
  const { url, source } = await started();
  const { body } = await json(`${url}/api/v1/openapi.json`);
  const document = body as {
    paths: Record<string, Partial<Record<'get' | 'post', Operation>>>;
    components: { schemas: Record<string, JsonSchema> };
  };
  const fixed = ['/healthz', '/readyz', '/api/v1/openapi.json', '/api/v1/stream'];
  const ofRoutes = routes.map((route) => `/api/v1${route.path.replace(':dpid', '{dpid}')}`);
  expect(Object.keys(document.paths).toSorted()).toEqual([...fixed, ...new Set(ofRoutes)].toSorted());
  const posted = routes.filter(({ body }) => body !== undefined).map(({ path }) => `/api/v1${path}`);
  expect(Object.keys(document.paths).filter((path) => 'post' in document.paths[path]!)).toEqual(posted);

  const none = sampleSource();
  Object.assign(none.snapshot, { file: null });
  Object.assign(source.snapshot.switches[0]!, { sync: null, host: null });
  for (const path of Object.keys(document.paths)) {
    if (path === '/api/v1/stream') continue;
    for (const method of Object.keys(document.paths[path]!) as ('get' | 'post')[]) {
      const { responses, requestBody, parameters } = document.paths[path]![method]!;
      const bodySchema = requestBody?.content['application/json']?.schema;
      const body = bodySchema === undefined ? undefined : bodyFor(bodySchema.$ref);
      if (bodySchema !== undefined) expect(misfits(body, bodySchema, document.components.schemas, path)).toEqual([]);
      const asked = wanted(
        source,
        parameters?.flatMap((one) => (one.required && one.in === 'query' ? one.name : [])),
      );
      const answer = await json(url + path.replace('{dpid}', '00000000000000a1') + asked, posting(body));
      expect(answer.status, `${method} ${path}`).toBe(200);
      const schema = responses['200']!.content!['application/json']!.schema;
      expect(misfits(answer.body, schema, document.components.schemas, path)).toEqual([]);
    }
  }
});

/** What a route must be asked with. */
function wanted(source: SampleSource, required: readonly string[] = []): string {
  const values: Record<string, string> = { of: 'flow', id: source.flowList[0]!.id };
  return required.length === 0
    ? ''
    : `?${new URLSearchParams(Object.fromEntries(required.map((name) => [name, values[name] ?? ''])))}`;
}

test('beyond loopback it refuses to start without a token, and says what to do', async () => {
  const refused = { source: sampleSource(), page: '/nowhere', log: silent };
  for (const listen of ['0.0.0.0:0', '[::]:0', '192.0.2.1:0', 'example.org:0']) {
    await expect(startApi({ ...refused, listen, token: undefined })).rejects.toThrow(/FLOWLOOM_TOKEN.*127\.0\.0\.1/s);
    await expect(startApi({ ...refused, listen, token: '' })).rejects.toThrow(/wants a token/);
  }
});

test('with a token nothing but the page and yes-or-no health is given out without it', async () => {
  const { api, source } = await started({ listen: '0.0.0.0:0', token: 'correct horse' });
  let applied = 0;
  const url = `http://127.0.0.1:${api.address.split(':')[1]}`;
  for (const route of routes) {
    const path = `/api/v1${route.path.replace(':dpid', '00000000000000a1')}${wanted(source, route.required)}`;
    const body = route.body === undefined ? undefined : bodyFor(route.body.schema);
    const refused = await json(url + path, posting(body));
    expect(refused).toMatchObject({ status: 401, body: { error: { code: 'token-wanted' } } });
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    const wrong = await json(url + path, posting(body, { authorization: 'Bearer wrong' }));
    expect(wrong.status).toBe(401);
    expect(source.applied).toHaveLength(applied);
    const right = await json(url + path, posting(body, { authorization: 'Bearer correct horse' }));
    expect(right.status).toBe(200);
    applied = source.applied.length;
  }
  expect(applied).toBe(1);
  expect(await json(`${url}/api/v1/openapi.json`)).toMatchObject({ status: 401 });
  expect(await json(`${url}/healthz`)).toMatchObject({ status: 200 });
});

test('without the token readyz tells no names', async () => {
  const { url, source } = await started({ token: 'correct horse' });
  source.snapshot.hosts[0]!.state = 'waiting';
  expect(await json(`${url}/readyz`)).toMatchObject({ status: 503, body: { ready: false, awaited: [] } });
  const headers = { authorization: 'Bearer correct horse' };
  expect(await json(`${url}/readyz`, { headers })).toMatchObject({ body: { awaited: ['host hv1: waiting'] } });
});

test('on loopback only loopback names are served (DNS rebinding)', async () => {
  const { url } = await started();
  for (const host of ['localhost:8080', '127.0.0.1', '127.0.0.1:1', '[::1]:8080', 'LOCALHOST']) {
    expect(await withHost(`${url}/api/v1/status`, host), host).toBe(200);
  }
  for (const host of ['evil.example:8080', '127.0.0.1.evil.example', 'localhost.evil.example', '10.0.0.1']) {
    expect(await withHost(`${url}/api/v1/status`, host), host).toBe(403);
    expect(await withHost(`${url}/`, host), host).toBe(403);
  }
});

test('an address in use and an unusable address are refused in words', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(started({ listen: `127.0.0.1:${port}` })).rejects.toThrow(
    `cannot listen for http on 127.0.0.1:${port}: something else listens there`,
  );
  for (const bad of ['8080', ':8080', '127.0.0.1', '127.0.0.1:70000', '::1:8080', '[1.2.3.4]:80', '']) {
    expect(() => parseListen(bad), bad).toThrow(/http address/);
  }
  expect(parseListen('[::1]:0')).toEqual({ host: '::1', port: 0, loopback: true });
});

test('the page comes with its types, caching and a strict policy; what is not in the folder is not served', async () => {
  const around = mkdtempSync(join(tmpdir(), 'flowloom-page-'));
  onTestFinished(() => rmSync(around, { recursive: true }));
  const folder = join(around, 'page');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(folder, 'assets', 'index-Ab3_xY9z.js'), 'export {};');
  writeFileSync(join(around, 'secret.txt'), 'outside');
  const { url } = await started({ page: folder });

  const page = await fetch(`${url}/`);
  expect(await page.text()).toContain('<title>page</title>');
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('cache-control')).toBe('no-cache');
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'self'/);
  expect(page.headers.get('content-security-policy')).not.toContain('unsafe');
  expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  const etag = page.headers.get('etag') ?? '';
  expect((await fetch(`${url}/`, { headers: { 'if-none-match': etag } })).status).toBe(304);

  const script = await fetch(`${url}/assets/index-Ab3_xY9z.js`);
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(script.headers.get('cache-control')).toContain('immutable');
  for (const path of ['/assets/', '/../etc/passwd', '/..%2f..%2fetc/passwd', '/%2e%2e/secret.txt']) {
    expect((await fetch(url + path)).status, path).toBe(404);
  }
});

test('without a built page / says how to build it, and the API works', async () => {
  const { url } = await started();
  const page = await fetch(`${url}/`);
  expect(page.status).toBe(503);
  expect(page.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(await page.text()).toContain('npm run build');
  const flows = (await json(`${url}/api/v1/flows`)).body as FlowStatus[];
  expect(flows).toHaveLength(7);
});
