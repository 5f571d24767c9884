/** From a packet's words to its bytes: what they leave open is what is known of the network, else told as taken. */

import { buildPacket } from '../packet/build.ts';
import type { PacketLayers } from '../packet/layers.ts';
import type { Asked } from './asked.ts';
import { findPlace, placesNamed } from './find-place.ts';
import { type Knowledge, type Place, portInFile, taggedOn } from './knowledge.ts';
import { layersAbove } from './layers-of-words.ts';
import { nextHop } from './next-hop.ts';
import { type Endpoint, type Kind, type PacketWords, PacketWordsError } from './packet-words.ts';
import { senderOf } from './sender.ts';

export interface WordedPacket {
  place: Place;
  frame: Uint8Array;
  /** What was not said, one line each. */
  taken: string[];
}

/** Throws PacketWordsError for names that there are not. */
export function packetOfWords(knowledge: Knowledge, words: PacketWords): WordedPacket {
  const place = findPlace(knowledge, words.from);
  const asked: Asked = { knowledge, words, place, taken: [] };
  const kind = kindOf(asked);
  const target = words.target === undefined ? undefined : addressOf(asked, words.target);
  const version = (target ?? words.source?.address)?.includes(':') ? 6 : 4;
  const written = portInFile(knowledge, place);
  const { segment, vlan } = taggedOn(knowledge, written?.vlans, words.vlan, [words.source?.address, target]);
  if (vlan !== undefined && words.vlan === undefined)
    asked.taken.push(`tag VLAN ${vlan} (segment ${segment?.name}): ${place.port.name} is a trunk`);
  const said = words.source === undefined ? undefined : addressOf(asked, words.source);
  const sender = senderOf(asked, segment, version, said);
  const dst = words.toMac ?? nextHop(asked, kind, segment, target, sender.address);
  const layers: PacketLayers = {
    eth: { src: sender.mac, dst, ethType: words.etherType },
    ...(vlan === undefined ? {} : { vlans: [{ vid: vlan, priority: words.pcp }] }),
    ...(words.bytes === undefined ? {} : { payload: new Uint8Array(words.bytes) }),
    ...layersAbove(asked, kind, sender, target),
  };
  return { place, frame: buildPacket(layers), taken: asked.taken };
}

function kindOf({ words, taken }: Asked): Kind {
  if (words.kind !== undefined) return words.kind.kind;
  const kind = words.target?.port === undefined ? 'ping' : 'tcp';
  taken.push(`${kind}: what it is was not said`);
  return kind;
}

/** A name stands for the address of who is behind the port of that name. */
function addressOf({ knowledge }: Asked, end: Endpoint): string {
  if (end.address !== undefined) return end.address;
  const { name = '', column } = end;
  const places = placesNamed(knowledge, name);
  if (places.length === 0) findPlace(knowledge, { text: name, column });
  const addresses = new Set(places.flatMap((place) => addressesBehind(knowledge, place)));
  const [first, second] = addresses;
  if (first === undefined) throw new PacketWordsError(`no address of who is behind ${name} is known: say it`, column);
  if (second !== undefined)
    throw new PacketWordsError(`${name} has more than one address: say ${[...addresses].join(' or ')}`, column);
  return first;
}

function addressesBehind(knowledge: Knowledge, place: Place): string[] {
  const written = portInFile(knowledge, place)?.addresses.filter((each) => !each.includes('/')) ?? [];
  if (written.length > 0) return written;
  const here = place.at.stations.filter(({ isHere, port }) => isHere && port === place.port.number);
  return here.flatMap(({ addresses }) => addresses.slice(0, 1));
}
