/** A port of a lab's switch, as it is written: `s1:a`, `hv1/br0:web1`. */

import { suggestion } from '../text/suggest.ts';

export interface PortPlace {
  switch: string;
  port: string;
}

/** What of a switch is asked. */
interface HasPorts {
  /** Names to numbers. */
  readonly ports: ReadonlyMap<string, number>;
}

export function placeText(place: PortPlace): string {
  return `${place.switch}:${place.port}`;
}

/** Throws where there is no such switch or port, with those that there are. */
export function placeOf(text: string, switches: ReadonlyMap<string, HasPorts>): PortPlace {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const found = switches.get(name);
  if (found === undefined) throw unknown('switch', name, switches.keys());
  if (colon < 0)
    throw new Error(`"${text}" is a switch: name one of its ports, such as ${text}:${[...found.ports.keys()][0]}`);
  const port = text.slice(colon + 1);
  if (!found.ports.has(port)) throw unknown(`port ${name}:`, port, found.ports.keys());
  return { switch: name, port };
}

/** There is none of that name, but there are these. */
export function unknown(what: string, name: string, known: Iterable<string>): Error {
  const label = what.endsWith(':') ? `${what}${name}` : `${what} "${name}"`;
  return new Error(`the lab has no ${label}: ${suggestion(name, [...known])}`);
}
