/** Walks a schema: every codec that it is made of. */

import type { AnyCodec } from './codec.ts';

/** The codecs that `codec` names itself, each with the name of its place; '' where the value has no such step. */
export function namedPartsOf({ form }: AnyCodec): [name: string, codec: AnyCodec][] {
  switch (form?.kind) {
    case 'struct':
      return form.fields.map(({ name, codec }) => [name, codec]);
    case 'list':
      return [['', form.item]];
    case 'tagged':
      return [form.variants, ...form.extensions.map(({ variants }) => variants)].flatMap((variants) =>
        Object.entries(variants).map(([name, [, codec]]): [string, AnyCodec] => [name, codec]),
      );
    case 'choice': {
      const variants = Object.entries(form.variants).map(([name, [, codec]]): [string, AnyCodec] => [name, codec]);
      return [[form.field, form.base], ...variants, ['', form.otherwise]];
    }
    case 'enumeration':
    case 'flags':
      return [['', form.base]];
    case 'lazy':
      return [['', form.get()]];
    case 'custom':
      return form.parts.map((codec) => ['', codec]);
    default:
      return [];
  }
}

/** `root` and every schema inside it, each once, outer ones first. */
export function schemasInside(root: AnyCodec): Set<AnyCodec> {
  const found = new Set<AnyCodec>([root]);
  for (const codec of found) for (const [, part] of namedPartsOf(codec)) found.add(part);
  return found;
}
