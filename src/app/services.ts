/** What apps offer each other: typed, by name, on one switch or network-wide, and taken back when the app goes. */

import { FlowError } from '../flow/flow-error.ts';

/** The name of a service and, for the compiler, what an implementation of it can do. */
export interface ServiceName<T> {
  readonly name: string;
  /** Never there: it holds the type. */
  readonly implementation?: T;
}

/** `export const resolve = defineService<{ ask(…): void }>('router.resolve')`, by the app that offers it. */
export function defineService<T>(name: string): ServiceName<T> {
  return { name };
}

/** Services as an app sees them on one switch. */
export interface AppServices {
  /** From now until the app leaves this switch, or offers another. */
  offer<T>(service: ServiceName<T>, implementation: T): void;
  /** This switch's, else the network-wide one; undefined: nobody offers it now. Ask anew at each use. */
  get<T>(service: ServiceName<T>): T | undefined;
}

/** Services as an app sees them from `setup`. */
export interface NetworkServices {
  offer<T>(service: ServiceName<T>, implementation: T): void;
  /** The network-wide one; with a switch: as it is seen there. */
  get<T>(service: ServiceName<T>, dp?: { readonly dpid: string }): T | undefined;
}

/** One instance of an app: its offers come and go with it. */
export interface ServiceHolder {
  offer(name: string, implementation: unknown): void;
  takeBack(): void;
}

export interface Services {
  /** `dpid` undefined: network-wide. */
  holder(app: string, dpid: string | undefined): ServiceHolder;
  get(name: string, dpid: string | undefined): unknown;
}

interface Offer {
  app: string;
  dpid: string | undefined;
  holder: ServiceHolder;
  implementation: unknown;
}

export function createServices(): Services {
  const offers = new Map<string, Offer[]>();

  function find(name: string, dpid: string | undefined): Offer | undefined {
    return offers.get(name)?.findLast((offer) => offer.dpid === dpid);
  }

  return {
    holder(app, dpid) {
      const holder: ServiceHolder = {
        offer(name, implementation) {
          const other = find(name, dpid);
          if (other !== undefined && other.app !== app)
            throw new FlowError(`app "${app}" offers service "${name}", which app "${other.app}" offers already`);
          const standing = (offers.get(name) ?? []).filter((each) => each.holder !== holder || each.dpid !== dpid);
          offers.set(name, [...standing, { app, dpid, holder, implementation }]);
        },
        takeBack() {
          for (const [name, standing] of offers) {
            const left = standing.filter((each) => each.holder !== holder);
            if (left.length === 0) offers.delete(name);
            else if (left.length < standing.length) offers.set(name, left);
          }
        },
      };
      return holder;
    },
    get: (name, dpid) => ((dpid === undefined ? undefined : find(name, dpid)) ?? find(name, undefined))?.implementation,
  };
}
