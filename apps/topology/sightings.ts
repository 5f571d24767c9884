/** Which port hears which other's probes; where both hear each other there is a cable. */

import { type Cable, comparePlaces, type Place, placeKey } from './tree.ts';

export interface Sighting {
  from: Place;
  to: Place;
  /** Probes in a row that were sent since one was heard. */
  unheard: number;
  since: number;
}

export interface Sightings {
  /** Those that the port is an end of. */
  at(place: Place): readonly Sighting[];
  get(from: Place, to: Place): Sighting | undefined;
  /** Whether the other end hears this one, too. */
  isMutual(sighting: Sighting): boolean;
  add(from: Place, to: Place, now: number): void;
  /** false: it was lost already. */
  delete(sighting: Sighting): boolean;
  all(): Iterable<Sighting>;
  /** Seen in both directions; the same objects while nothing changes. */
  cables(): readonly Cable[];
  /** Rises with each that is found or lost. */
  readonly version: number;
}

export function createSightings(): Sightings {
  const sightings = new Map<string, Sighting>();
  /** By an end: the keys of the sightings that it is in. */
  const byEnd = new Map<string, Set<string>>();
  let version = 0;
  /** The cables when the version was `cablesOf`. */
  let known: Cable[] = [];
  let cablesOf = 0;

  const get = (from: Place, to: Place) => sightings.get(keyOf(from, to));
  const isMutual = ({ from, to }: Sighting) => sightings.has(keyOf(to, from));

  return {
    at(place) {
      const keys = byEnd.get(placeKey(place));
      return keys === undefined ? NONE : Array.from(keys, (key) => sightings.get(key)!);
    },
    get,
    isMutual,
    add(from, to, now) {
      version++;
      const key = keyOf(from, to);
      sightings.set(key, { from, to, unheard: 0, since: now });
      for (const end of [from, to]) {
        byEnd.set(placeKey(end), (byEnd.get(placeKey(end)) ?? new Set()).add(key));
      }
    },
    delete({ from, to }) {
      const key = keyOf(from, to);
      if (!sightings.delete(key)) return false;
      version++;
      for (const end of [from, to]) {
        const keys = byEnd.get(placeKey(end));
        if (keys?.delete(key) && keys.size === 0) byEnd.delete(placeKey(end));
      }
      return true;
    },
    all: () => sightings.values(),
    cables() {
      if (cablesOf === version) return known;
      const cables: Cable[] = [];
      for (const sighting of sightings.values()) {
        const { from, to } = sighting;
        if (comparePlaces(from, to) <= 0 && isMutual(sighting)) cables.push({ a: from, b: to });
      }
      known = cables.toSorted((one, other) => comparePlaces(one.a, other.a) || comparePlaces(one.b, other.b));
      cablesOf = version;
      return known;
    },
    get version() {
      return version;
    },
  };
}

const NONE: readonly Sighting[] = [];

function keyOf(from: Place, to: Place): string {
  return `${placeKey(from)}>${placeKey(to)}`;
}
