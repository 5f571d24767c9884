/** Where a packet comes in, as people name it: a port, a station by one of its addresses, a host. */

import { macBytes } from '../../proto/wire/address.ts';
import { ipAddress } from '../config/ip-address.ts';
import { hint, shortened } from '../flow/text/fault.ts';
import { type Knowledge, type KnownSwitch, type Place, portInFile } from './knowledge.ts';
import { PacketWordsError, type Spot } from './packet-words.ts';

/** Throws PacketWordsError where there is none, or more than one. */
export function findPlace(knowledge: Knowledge, { text, column }: Spot): Place {
  if (knowledge.switches.length === 0)
    throw new PacketWordsError('no switch is known here: a packet has nowhere to come in', column);
  const found = placesNamed(knowledge, text);
  const [first, second] = found;
  if (first !== undefined && second === undefined) return first;
  if (first !== undefined) {
    const names = found.map(({ at, port }) => `${at.name}:${port.name}`);
    throw new PacketWordsError(`"${shortened(text)}" is more than one port: say ${names.join(' or ')}`, column);
  }
  const isStation = macBytes(text.toLowerCase()) !== undefined || ipAddress(text) !== undefined;
  if (isStation) throw new PacketWordsError(`no station ${text} is known: name the port that it is behind`, column);
  throw new PacketWordsError(`there is no port "${shortened(text)}"${near(knowledge, text)}`, column);
}

/** `web1`, `hv1/web1`, `hv1/br0:web1`, `br0:3`; a station's MAC or IP address; a host: its bridge's own port. */
export function placesNamed(knowledge: Knowledge, text: string): Place[] {
  const { switches } = knowledge;
  const all = switches.flatMap((at) => at.ports.map((port): Place => ({ at, port })));
  const colon = text.lastIndexOf(':');
  const [before, behind] = [text.slice(0, Math.max(colon, 0)), text.slice(colon + 1)];
  const isAt = ({ name, bridge, dpid }: KnownSwitch, word: string) => [name, bridge, dpid].includes(word);
  const station = macBytes(text.toLowerCase()) === undefined ? ipAddress(text) : text.toLowerCase();
  const ways: ((place: Place) => boolean)[] = [
    ({ at, port }) => colon > 0 && isAt(at, before) && (port.name === behind || String(port.number) === behind),
    ({ port }) => port.name === text,
    ({ at, port }) => at.host !== undefined && `${at.host}/${port.name}` === text,
    (place) => station !== undefined && hasStation(knowledge, place, station),
    // Where only one switch is known its port's number is enough.
    ({ port }) => switches.length === 1 && String(port.number) === text,
    ({ at, port }) => at.host === text && port.isLocal,
  ];
  for (const isMeant of ways) {
    const found = all.filter(isMeant);
    if (found.length > 0) return found;
  }
  return [];
}

function hasStation(knowledge: Knowledge, place: Place, address: string): boolean {
  const written = portInFile(knowledge, place);
  if (written?.macs.includes(address) || written?.addresses.includes(address)) return true;
  return place.at.stations.some(
    ({ isHere, port, mac, addresses }) =>
      isHere && port === place.port.number && (mac === address || addresses.includes(address)),
  );
}

function near({ switches, network }: Knowledge, text: string): string {
  const left = network?.bridges.find(
    ({ ports, forwarding }) => forwarding === 'normal' && ports.some(({ name }) => name === text),
  );
  if (left !== undefined) return `: it is one of ${left.name}, which has no flows (forwarding: normal)`;
  const names = switches.flatMap(({ name, ports }) => ports.flatMap((port) => [port.name, `${name}:${port.name}`]));
  const short = hint(text, new Set(names));
  if (short !== '') return short;
  const few = [...new Set(switches.flatMap(({ ports }) => ports.map((port) => port.name)))];
  const shown = few.slice(0, 12).join(', ');
  return `; there are ${shown}${few.length > 12 ? `, and ${few.length - 12} more` : ''}`;
}
