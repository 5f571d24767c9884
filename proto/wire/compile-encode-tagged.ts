/** Encoders of tagged unions, generated: a switch on the type's name, each variant written out in its case. */

import type { AnyCodec, Form } from './codec.ts';
import {
  aligned,
  bytesOf,
  createEncodeContext,
  type Encode,
  type EncodeContext,
  type EncoderOf,
  encoded,
  roomFor,
  zeros,
} from './compile-encode.ts';
import { GIVE } from './give-up.ts';

const EXPERIMENTER = 0xffff;

export function generateTaggedEncoder(form: Form & { kind: 'tagged' }, encoderOf: EncoderOf): Encode {
  const context = createEncodeContext(encoderOf);
  const { source, run } = context;
  const { lines } = source;
  const variants = variantsByName(form);
  const index = source.constant(new Map([...variants.keys()].map((name, i) => [name, i])));
  lines.push(`if (typeof value !== 'object' || value === null) ${GIVE}`, 'const start = p;');
  lines.push(`switch (${index}.get(value.type)) {`);
  for (const [i, { code, codec, experimenter }] of [...variants.values()].entries()) {
    lines.push(`case ${i}: {`);
    const { stretch } = run.place();
    const head = run.take(4);
    if (experimenter !== undefined) {
      lines.push(`v.setUint32(${run.take(4)}, ${experimenter});`, `v.setUint16(${run.take(2)}, ${code});`);
    }
    encoded(context, codec, 'value');
    ended(context, form, experimenter === undefined ? code : EXPERIMENTER, stretch, head);
    lines.push('break;', '}');
  }
  lines.push('default: {', `if (value.type !== 'unknown') ${GIVE}`);
  lines.push('const code = value.code;', `if ((code & 65535) !== code) ${GIVE}`);
  const { stretch } = run.place();
  const head = run.take(4);
  lines.push(`const body = ${source.constant(bytesOf)}(value.body);`);
  run.flush();
  lines.push(roomFor('body.length'), 'b.set(body, p); p += body.length;');
  ended(context, form, 'code', stretch, head);
  lines.push('}', '}', 'w.position = p;');
  return source.build('encodeTagged', ['w', 'value']) as Encode;
}

/** Padding and the head, whose length is a constant where everything lies in one stretch. */
function ended(
  context: EncodeContext,
  form: Form & { kind: 'tagged' },
  code: number | string,
  stretch: number,
  head: string,
): void {
  const { source, run } = context;
  const included = form.padding === 'included';
  const headOf = (length: number | string) => (form.lengthFirst ? [length, code] : [code, length]);
  const now = run.place();
  if (now.stretch === stretch) {
    if (included) zeros(context, -now.offset & 7);
    const [first, second] = headOf(run.place().offset);
    source.lines.push(`v.setUint16(${head}, ${first}); v.setUint16(${head} + 2, ${second});`);
    if (form.padding === 'excluded') zeros(context, -now.offset & 7);
    run.flush();
    return;
  }
  if (included) aligned(context, 'start', 8);
  run.flush();
  const [first, second] = headOf('p - start');
  source.lines.push(`if (p - start > 65535) ${GIVE}`);
  source.lines.push(`v.setUint16(start, ${first}); v.setUint16(start + 2, ${second});`);
  if (form.padding === 'excluded') aligned(context, 'start', 8);
  run.flush();
}

interface NamedVariant {
  code: number;
  codec: AnyCodec;
  experimenter?: number;
}

function variantsByName(form: Form & { kind: 'tagged' }): Map<string, NamedVariant> {
  const found = new Map<string, NamedVariant>();
  for (const [name, [code, codec]] of Object.entries(form.variants)) found.set(name, { code, codec });
  for (const { experimenter, variants } of form.extensions) {
    for (const [name, [code, codec]] of Object.entries(variants)) found.set(name, { code, codec, experimenter });
  }
  return found;
}
