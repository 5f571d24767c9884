/** The OpenAPI 3.1 document of this API, made from the rows of `routes.ts`. */
import type { Route } from './route.ts';
import { routes } from './routes.ts';
import { schemas } from './schemas.ts';
import type { JsonSchema } from './shapes/schema.ts';

export function openApi(version: string): object {
  const paths: Record<string, object> = {
    '/healthz': { get: operation('The process answers', { type: 'object' }, [], false) },
    '/readyz': {
      get: {
        ...operation('Every host is connected and every switch is up', ref('Ready'), [], false),
        responses: {
          200: response('Ready', ref('Ready')),
          503: response('Not yet; with the token, what is awaited', ref('Ready')),
        },
      },
    },
    '/api/v1/openapi.json': { get: operation('This document', { type: 'object' }, [], true) },
    '/api/v1/stream': {
      get: {
        summary:
          'WebSocket. Send {"subscribe": ["status", "flows"]}; comes {"topic", "type": "snapshot", "data"}, then for flows ' +
          '{"topic", "type": "delta", "upsert", "remove"}; a delta holds the flows whose counters or text changed',
        parameters: [parameter('token', 'query', 'The token, where one is wanted', false)],
        responses: {
          101: { description: 'Switching to WebSocket' },
          426: response('Not asked as a WebSocket', ref('Error')),
        },
      },
    },
  };
  for (const route of routes) {
    const path = `/api/v1${route.path.replace(/:(\w+)/g, '{$1}')}`;
    const schema = route.list ? { type: 'array', items: ref(route.schema) } : ref(route.schema);
    const described = operation(route.summary, schema, parametersOf(route), true, route.body !== undefined);
    const { body } = route;
    const content = body === undefined ? undefined : { 'application/json': { schema: ref(body.schema) } };
    paths[path] = {
      ...paths[path],
      ...(content === undefined
        ? { get: described }
        : { post: { ...described, requestBody: { required: true, content } } }),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Flowloom',
      version,
      description: 'View of the running network; apply, confirm and release alone change it.',
    },
    components: { schemas, securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    paths,
  };
}

function parametersOf(route: Route): object[] {
  return [
    ...Object.entries(route.parameters ?? {}).map(([name, text]) => parameter(name, 'path', text, true)),
    ...Object.entries(route.query ?? {}).map(([name, text]) =>
      parameter(name, 'query', text, route.required?.includes(name) === true),
    ),
  ];
}

function parameter(name: string, where: 'path' | 'query', description: string, required: boolean): object {
  return { name, in: where, description, required, schema: { type: 'string' } };
}

function operation(
  summary: string,
  schema: JsonSchema,
  parameters: object[],
  secured: boolean,
  takesBody = false,
): object {
  return {
    summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(secured ? { security: [{}, { token: [] }] } : {}),
    responses: {
      200: response('What was asked', schema),
      ...(secured ? { 401: response('The token is missing or wrong', ref('Error')) } : {}),
      ...(parameters.length > 0 || takesBody ? { '4XX': response('Not so: see the message', ref('Error')) } : {}),
    },
  };
}

function response(description: string, schema: JsonSchema): object {
  return { description, content: { 'application/json': { schema } } };
}

function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}
