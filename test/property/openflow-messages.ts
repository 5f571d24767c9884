// Arbitrary OpenFlow messages of every kind that the codec has a schema for, and of kinds that it has none for.
import fc from 'fast-check';
import { interpretedMessage, MESSAGES, type Message } from '../../proto/openflow/message.ts';
import { PARTS } from '../../proto/openflow/multipart.ts';
import { NICIRA_MESSAGES } from '../../proto/openflow/nicira/message.ts';
import { NICIRA_PARTS } from '../../proto/openflow/nicira/multipart.ts';
import { type AnyArbitrary, type Custom, createGenerator, record, u32 } from './arbitrary.ts';
import { ACTION_CUSTOMS } from './openflow-actions.ts';
import { CUSTOMS } from './openflow-fields.ts';
import { ID_CUSTOMS } from './openflow-ids.ts';

/** A whole message inside another. */
const inner: Custom = (make) => {
  const bodies = Object.entries(MESSAGES)
    .filter(([name]) => !name.startsWith('multipart'))
    .map(([, [, codec]]) => make(codec));
  return fc.oneof(...bodies.filter((body) => body !== undefined).map(withHeader));
};

export const generator = createGenerator(
  new Map([...CUSTOMS, ...ACTION_CUSTOMS, ...ID_CUSTOMS, [interpretedMessage, inner]]),
);

const is = fc.constant;
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const strange = fc.integer({ min: 100, max: 200 });

/** OFPMPF_…_MORE, and now and then a bit that has no name. */
const partFlags = fc.constantFrom([], ['more'], [2], ['more', 2]);

const ALL_PARTS = { ...PARTS, ...NICIRA_PARTS };

function multipart(type: string, field: string, kind: string, index: 1 | 2): AnyArbitrary {
  const part = ALL_PARTS[kind as keyof typeof ALL_PARTS][index];
  return record({ type: is(type), flags: partFlags, kind: is(kind), [field]: generator.of(part) });
}

const kinds: [name: string, body: AnyArbitrary][] = [];
for (const [name, [, codec]] of [...Object.entries(MESSAGES), ...Object.entries(NICIRA_MESSAGES)]) {
  if (name === 'multipartRequest' || name === 'multipartReply') continue;
  kinds.push([name, generator.of(codec)]);
}
for (const kind of Object.keys(ALL_PARTS)) {
  kinds.push([`multipartRequest ${kind}`, multipart('multipartRequest', 'request', kind, 1)]);
  kinds.push([`multipartReply ${kind}`, multipart('multipartReply', 'reply', kind, 2)]);
}
kinds.push([
  'multipart of an unknown kind',
  record({
    type: fc.constantFrom('multipartRequest', 'multipartReply'),
    flags: partFlags,
    kind: is('unknown'),
    code: strange,
    body: bytes(20),
  }),
]);
kinds.push(['a message of an unknown type', record({ type: is('unknown'), code: strange, body: bytes(20) })]);

function withHeader(body: AnyArbitrary): fc.Arbitrary<Message> {
  return fc.tuple(body as fc.Arbitrary<Message>, u32).map(([value, xid]) => ({ ...value, xid }));
}

/** Every kind by itself: name, and its messages. */
export const MESSAGE_KINDS: [name: string, message: fc.Arbitrary<Message>][] = kinds.map(([name, body]) => [
  name,
  withHeader(body),
]);

export const message: fc.Arbitrary<Message> = fc.oneof(...MESSAGE_KINDS.map(([, arbitrary]) => arbitrary));
