/** Where a public address is: at an interface that has it, or on whose prefix it lies, so that its router answers for it. */

import { bitsOf, type IpPrefix, isReservedIn, networkText } from '../../../proto/wire/prefix.ts';
import { connectedPrefix, isGateway, isOwn, type Place, type RuleReader } from './rule-reader.ts';

/** undefined, and told, where it is at no interface, at several routers', or somebody else's. */
export function publicPlace(wanted: IpPrefix, written: string, key: string, reader: RuleReader): Place | undefined {
  const { text, at, routers, findings } = reader;
  const places = routers.flatMap((router) => router.interfaces.map((each): Place => ({ router, interface: each })));
  const own = places.filter((place) => isOwn(wanted, place.interface));
  const found = own.length > 0 ? own : places.filter((place) => connectedPrefix(wanted, place.interface) !== undefined);
  const [first, second] = found;
  if (first === undefined) {
    if (!findings.broken(['routers'])) {
      findings.problem(
        at(key),
        `\`${text}\`: no router interface has the address ${written}, nor a prefix with it`,
        'write one of their addresses, or add it to the `address` of the interface by which its packets come',
      );
    }
    return undefined;
  }
  if (second !== undefined && second.router !== first.router) {
    findings.problem(
      at(key),
      `\`${text}\`: ${written} is ${own.length > 0 ? 'an address' : 'on a prefix'} of routers ${first.router.name} and ${second.router.name}`,
      'give each its own address',
    );
    return undefined;
  }
  const connected = connectedPrefix(wanted, first.interface);
  if (connected !== undefined && wanted.length === bitsOf(wanted.family) && isReservedIn(connected, wanted)) {
    findings.problem(
      at(key),
      `\`${text}\`: ${written} is the first or last address of ${networkText(connected)}, which no station has`,
      'write another address',
    );
    return undefined;
  }
  return isGateway([wanted], key, first, reader) ? undefined : first;
}
