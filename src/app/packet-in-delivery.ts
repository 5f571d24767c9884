/** A switch's packet-ins on their way: whose each is, when it has its turn, and when what its app declares by it is sent. */

import type { Logger } from 'pino';
import type { PacketInPlace } from '../../proto/openflow/packet-in-place.ts';
import { appOfHalf } from '../flow/cookie.ts';
import type { Namespace } from '../flow/namespace.ts';
import type { Reconciler } from '../flow/reconcile/reconciler.ts';
import type { AppOnSwitch } from './instances.ts';
import type { PacketInView } from './packet-in-view.ts';
import type { Share, Turns } from './turns.ts';

export interface Delivery {
  /** `place` is another packet-in's after the call. */
  receive(place: PacketInPlace): void;
  /** An app declared something. True: it handles a packet-in, and what it declares is sent when it has done that. */
  noteDeclared(): boolean;
  /** The apps have come or gone. */
  setApps(apps: Iterable<AppOnSwitch>): void;
}

export interface DeliveryParts {
  namespace: Namespace;
  turns: Turns;
  /** The one of all packet-ins of the switch. */
  packet: PacketInView;
  reconciler: Pick<Reconciler, 'schedule' | 'flush'>;
  /** The switch has not done what it was sent. */
  isBehind(): boolean;
  /** The switch's, for people. */
  name(): string;
  log: Logger;
}

/** An app here, as packet-ins find it. */
interface Member {
  standing: AppOnSwitch;
  share: Share;
}

const TOLD_MS = 10_000;

export function createDelivery(parts: DeliveryParts): Delivery {
  const { namespace, turns, packet, reconciler, name, log } = parts;
  /** By the number in cookies. */
  let byNumber: (Member | undefined)[] = [];
  let toldBehind = Number.NEGATIVE_INFINITY;
  let handling = false;
  /** While a packet-in was handled. */
  let declared = false;

  function deliver({ standing, share }: Member, place: PacketInPlace): void {
    const { allowance } = standing;
    const { exceeded } = allowance;
    handling = true;
    packet.show(place, allowance);
    standing.packetIn(packet);
    packet.end();
    handling = false;
    const floods = allowance.exceeded !== exceeded;
    if (floods) turns.flooded(share);
    if (!declared) return;
    declared = false;
    if (floods) reconciler.schedule();
    else reconciler.flush();
  }

  function drop({ standing }: Member): void {
    standing.app.packetInsDropped++;
    const now = performance.now();
    if (now - toldBehind < TOLD_MS) return;
    toldBehind = now;
    log.warn(`${name()} is behind with what it was sent: packet-ins are dropped until it has done that`);
  }

  function memberOf(standing: AppOnSwitch): Member {
    const { app } = standing;
    const share = turns.share(
      app.name,
      (place) => deliver(member, place),
      (first) => {
        app.packetInsDropped++;
        if (first)
          log.warn(`app "${app.name}": more packet-ins of ${name()} than its share of the time: some are dropped`);
      },
    );
    const member = { standing, share };
    return member;
  }

  return {
    receive(place) {
      const number = appOfHalf(namespace, place.cookieHigh);
      const member = number < 0 ? undefined : byNumber[number];
      if (member === undefined || place.inPort < 0) return;
      if (parts.isBehind()) drop(member);
      else if (turns.enter(member.share, place)) deliver(member, place);
    },
    noteDeclared() {
      if (handling) declared = true;
      return handling;
    },
    setApps(apps) {
      const before = byNumber;
      byNumber = [];
      for (const standing of apps) {
        const { number } = standing.app;
        const known = before[number];
        byNumber[number] = known?.standing === standing ? known : memberOf(standing);
      }
      for (const member of before) if (member !== undefined && !byNumber.includes(member)) member.share.end();
    },
  };
}
