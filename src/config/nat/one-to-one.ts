/** Reads `one-to-one`: addresses inside that each have a public one, both ways. */

import { bitsOf, networkText, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import type { OneToOne } from '../model.ts';
import { publicPlace } from './public-address.ts';
import { checkInside, type RuleReader } from './rule-reader.ts';
import type { OneToOneForm } from './schema.ts';
import { isOneFamily } from './source-nat.ts';

/** Of addresses that connection tracking translates: each takes flows of its own. 2 to the power of this. */
const MOST_BITS = 8;

export function readOneToOne(given: OneToOneForm, reader: RuleReader): OneToOne | undefined {
  const { text, at, path, findings } = reader;
  const outside = parseIpPrefix(given['one-to-one'])!;
  const inside = parseIpPrefix(given.with)!;
  if (!isOneFamily(outside, inside, given['one-to-one'], given.with, 'with', reader)) return undefined;
  if (outside.length !== inside.length) {
    findings.problem(
      at('with'),
      `\`${text}\`: a prefix of length ${outside.length} and one of ${inside.length} are not one to one`,
      `write two of one length, like ${given.with.split('/')[0]}/${outside.length}`,
    );
    return undefined;
  }
  const bits = bitsOf(outside.family) - outside.length;
  if (outside.family === 4 && bits > MOST_BITS) {
    findings.problem(
      at('one-to-one'),
      `\`${text}\`: ${2 ** bits} addresses are more than the ${2 ** MOST_BITS} that can be one to one`,
      `write prefixes of length ${bitsOf(4) - MOST_BITS} or more, or \`masquerade\` them`,
    );
    return undefined;
  }
  const place = publicPlace(outside, given['one-to-one'], 'one-to-one', reader);
  if (place === undefined) return undefined;
  checkInside(inside, given.with, 'with', place.router, reader);
  return {
    kind: 'one-to-one',
    source: findings.source(path),
    text,
    router: place.router.name,
    interface: place.interface.name,
    outside: networkText(outside),
    inside: networkText(inside),
  };
}
