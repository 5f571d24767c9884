/** Who sends a packet that is said in words: what the words say, else the file, else what a switch has learned. */

import { ipText, isReservedIn, lastOf, networkOf } from '../../proto/wire/prefix.ts';
import type { Segment } from '../config/model.ts';
import { type Asked, type Sender, SOME_ADDRESS } from './asked.ts';
import {
  type Knowledge,
  type KnownStation,
  type Place,
  portInFile,
  prefixesOf,
  routersOn,
  stationsWith,
} from './knowledge.ts';

/** Locally administered: nobody's. */
const SOME_SENDER = '02:00:00:00:00:01';

/** `said`: its address by the words. What is not known is made up. */
export function senderOf(
  { knowledge, words, place, taken }: Asked,
  segment: Segment | undefined,
  version: 4 | 6,
  said: string | undefined,
): Sender {
  const written = portInFile(knowledge, place);
  const here = place.at.stations.filter(
    (each) =>
      each.isHere &&
      each.port === place.port.number &&
      (segment === undefined || each.segment === undefined || each.segment === segment.id),
  );
  const station =
    here.find(({ addresses, mac }) => (said === undefined ? mac === words.mac : addresses.includes(said))) ?? here[0];
  const ofVersion = (address: string) => address.includes(':') === (version === 6);
  const known = written?.macs[0] ?? station?.mac ?? (place.port.isLocal ? place.port.mac : undefined);
  const mac = words.mac ?? known ?? SOME_SENDER;
  if (words.mac === undefined) {
    taken.push(`from MAC ${mac}: ${whoseMac(place, written?.macs[0], station)}`);
  }
  if (said !== undefined) return { mac, address: said };
  if (words.kind?.kind === 'eth') return { mac, address: SOME_ADDRESS[4] };
  const inFile = (written?.addresses ?? []).filter((each) => !each.includes('/'));
  const own = [...inFile, ...(station?.mac === mac ? station.addresses : [])].find(ofVersion);
  if (own !== undefined) {
    taken.push(`from ${own}: ${inFile.includes(own) ? 'the file has it' : 'learned there'}`);
    return { mac, address: own };
  }
  const free = version === 4 && segment !== undefined ? freeAddress(knowledge, segment) : undefined;
  const address = free ?? SOME_ADDRESS[version];
  const why = free === undefined ? '' : `, and this one of segment ${segment?.name} is nobody's`;
  taken.push(`from ${address}: no address is known behind ${place.port.name}${why}`);
  return { mac, address };
}

function whoseMac({ port }: Place, written: string | undefined, station: KnownStation | undefined): string {
  if (written !== undefined) return 'the file has it';
  if (station !== undefined) return station.isMadeUp === true ? 'made up, the file has none' : 'learned there';
  return port.isLocal && port.mac !== undefined ? "the host's own" : `no station is known behind ${port.name}`;
}

/** The last one of the segment that nobody is known to have. */
function freeAddress(knowledge: Knowledge, segment: Segment): string | undefined {
  const prefix = prefixesOf(knowledge, segment).find(({ family }) => family === 4);
  if (prefix === undefined) return undefined;
  const routers = routersOn(knowledge.network, segment).flatMap(({ addresses }) => addresses);
  const used = new Set([
    ...routers.map((address) => address.slice(0, address.indexOf('/'))),
    ...stationsWith(knowledge, segment).flatMap(({ addresses }) => addresses),
  ]);
  const first = networkOf(prefix).number;
  for (let { number } = lastOf(prefix); number >= first; number--) {
    const address = { family: prefix.family, number };
    if (!isReservedIn(prefix, address) && !used.has(ipText(address))) return ipText(address);
  }
  return undefined;
}
