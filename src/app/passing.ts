/** Which of an app's flows and groups are there, or gone, because of traffic or by the clock: a file alone does not foresee them. */

/** A flow by its table's name and the app's key, or a group, or a meter. */
export type Place = { table: string; key: string } | { group: string } | { meter: string };

export interface Passing {
  readonly isEmpty: boolean;
  has(place: Place): boolean;
  declared(place: Place): void;
  withdrawn(place: Place): void;
  /** Forgets all, as an app begins anew; what is given back makes it so again. */
  clear(): () => void;
}

/** `isSteady`: whether what is done now follows from the file and the ports. */
export function createPassing(isSteady: () => boolean): Passing {
  let places = new Set<string>();
  return {
    get isEmpty() {
      return places.size === 0;
    },
    has: (place) => places.has(nameOf(place)),
    declared(place) {
      if (!isSteady()) places.add(nameOf(place));
      else if (places.size > 0) places.delete(nameOf(place));
    },
    withdrawn(place) {
      if (!places.delete(nameOf(place)) && !isSteady()) places.add(nameOf(place));
    },
    clear() {
      const kept = places;
      places = new Set();
      return () => {
        places = kept;
      };
    },
  };
}

function nameOf(place: Place): string {
  if ('meter' in place) return `meter ${place.meter}`;
  return 'group' in place ? `group ${place.group}` : `${place.table}/${place.key}`;
}
