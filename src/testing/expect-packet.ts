/** States where a packet goes, and as what; where it is otherwise, an error tells that and the packet's way. */

import { describePacket } from '../packet/describe.ts';
import { allLeft, allPacketIns, type Delivery, type LeftFrame, subjectOf, wholeWay } from './delivery.ts';
import { difference, fieldsText, type PacketFields } from './expected-fields.ts';

export interface PacketExpectation {
  /** By the port `s1:b`, where no other switch is; `as`: what the frame says there. */
  leaves(place: string, as?: PacketFields): PacketExpectation;
  doesNotLeave(place: string): PacketExpectation;
  /** The guest takes a frame: it comes by its port, for its MAC address or a group's. */
  reaches(guest: string, as?: PacketFields): PacketExpectation;
  doesNotReach(guest: string): PacketExpectation;
  /** By no other ports than were named here; what guests answered does not count, nor the switch's own port. */
  nowhereElse(): PacketExpectation;
  /** An app got it. */
  goesTo(app: string, as?: PacketFields): PacketExpectation;
  /** What guests answered came back to whoever sent it. */
  isAnswered(as?: PacketFields): PacketExpectation;
  /** It left by no port but the switch's own, though an app may have got it. */
  leavesNowhere(): PacketExpectation;
  /** It left by no port but the switch's own, and no app got it. */
  isDropped(): PacketExpectation;
}

type Method = (...given: never[]) => unknown;

/** Each throws an Error where it is otherwise. */
export function expectPacket(delivery: Delivery): PacketExpectation {
  if (typeof (delivery as { known?: unknown })?.known !== 'function') throw notAwaited(expectPacket);
  const named = new Set<string>();
  const subject = subjectOf(delivery);

  /** `from`: the method that the test called; the stack begins at the test. */
  function fail(from: Method, text: string): never {
    const error = new Error(`${text}\n\n${wholeWay(delivery)}`);
    Error.captureStackTrace(error, from);
    throw error;
  }

  function known(from: Method, what: 'place' | 'guest' | 'app', name: string): void {
    try {
      delivery.known(what, name);
    } catch (error) {
      Error.captureStackTrace(error as Error, from);
      throw error;
    }
  }

  function one(frames: readonly { frame: Uint8Array }[], as: PacketFields): string | undefined {
    const wrong = frames.map(({ frame }) => difference(as, frame, delivery.named));
    return wrong.includes(undefined) ? undefined : (wrong[0] ?? '');
  }

  function asText(as: PacketFields | undefined): string {
    return as === undefined ? '' : ` with ${fieldsText(as)}`;
  }

  const self: PacketExpectation = {
    leaves(place, as) {
      known(self.leaves, 'place', place);
      named.add(place);
      const here = allLeft(delivery).filter(({ at }) => at === place);
      if (here.length === 0) fail(self.leaves, `${subject} does not leave by ${place}: ${whereItGoes(delivery)}`);
      const wrong = one(here, as ?? {});
      if (wrong !== undefined) fail(self.leaves, `${subject} leaves by ${place}, but not${asText(as)}: ${wrong}`);
      return self;
    },
    doesNotLeave(place) {
      known(self.doesNotLeave, 'place', place);
      const here = allLeft(delivery).find(({ at }) => at === place);
      if (here !== undefined) fail(self.doesNotLeave, `${subject} leaves by ${place}: ${describePacket(here.frame)}`);
      return self;
    },
    reaches(guest, as) {
      known(self.reaches, 'guest', guest);
      const there = allLeft(delivery).filter((each) => each.guest === guest);
      for (const { at } of there) named.add(at);
      const taken = there.filter((each) => each.taken);
      if (there.length === 0) fail(self.reaches, `${subject} does not reach ${guest}: ${whereItGoes(delivery)}`);
      if (taken.length === 0)
        fail(self.reaches, `${subject} comes to ${guest}, who does not take it: ${notFor(there)}`);
      const wrong = one(taken, as ?? {});
      if (wrong !== undefined) fail(self.reaches, `${subject} reaches ${guest}, but not${asText(as)}: ${wrong}`);
      return self;
    },
    doesNotReach(guest) {
      known(self.doesNotReach, 'guest', guest);
      const there = allLeft(delivery).find((each) => each.guest === guest && each.taken);
      if (there !== undefined) fail(self.doesNotReach, `${subject} reaches ${guest}: ${describePacket(there.frame)}`);
      return self;
    },
    nowhereElse() {
      const others = new Set(
        outside(delivery)
          .map(({ at }) => at)
          .filter((at) => !named.has(at)),
      );
      if (others.size > 0) fail(self.nowhereElse, `${subject} leaves by ${list(others)}, too`);
      return self;
    },
    goesTo(app, as) {
      known(self.goesTo, 'app', app);
      const there = allPacketIns(delivery).filter((each) => each.app === app);
      if (there.length === 0) fail(self.goesTo, `${subject} does not go to the app ${app}: ${whereItGoes(delivery)}`);
      const wrong = one(there, as ?? {});
      if (wrong !== undefined) fail(self.goesTo, `${subject} goes to the app ${app}, but not${asText(as)}: ${wrong}`);
      return self;
    },
    isAnswered(as) {
      const back = delivery.answers.flatMap(allLeft).filter(({ at, guest }) => [at, guest].includes(delivery.from));
      if (delivery.answers.length === 0) fail(self.isAnswered, `${subject} is not answered: ${whereItGoes(delivery)}`);
      if (back.length === 0) {
        const [answer] = delivery.answers;
        fail(self.isAnswered, `the answer of ${answer!.from} does not come back: ${whereItGoes(answer!)}`);
      }
      const wrong = one(back, as ?? {});
      if (wrong !== undefined) fail(self.isAnswered, `${subject} is answered, but not${asText(as)}: ${wrong}`);
      return self;
    },
    leavesNowhere() {
      if (outside(delivery).length > 0) fail(self.leavesNowhere, `${subject} is not kept: ${whereItGoes(delivery)}`);
      return self;
    },
    isDropped() {
      const isKept = outside(delivery).length > 0 || delivery.packetIns.length > 0;
      if (isKept) fail(self.isDropped, `${subject} is not dropped: ${whereItGoes(delivery)}`);
      return self;
    },
  };
  return self;
}

function notAwaited(from: Method): Error {
  const error = new TypeError('expectPacket wants what `await net.send(…)` gives: is the await missing?');
  Error.captureStackTrace(error, from);
  return error;
}

/** To the switch's own port everything is flooded: it does not count, unless a guest is there. */
function outside({ left }: Delivery): LeftFrame[] {
  return left.filter(({ isLocal, guest }) => !isLocal || guest !== undefined);
}

/** `it leaves by s1:b (bob) and s1:c, and goes to the app learning-switch`. */
export function whereItGoes(delivery: Delivery): string {
  const { packetIns, lost } = delivery;
  const ports = new Set(outside(delivery).map(({ at, guest }) => (guest === undefined ? at : `${at} (${guest})`)));
  const apps = new Set(packetIns.map(({ app }) => app));
  const parts: string[] = [];
  if (ports.size > 0) parts.push(`leaves by ${list(ports)}`);
  if (apps.size > 0) parts.push(`goes to the app ${list(apps)}${ports.size === 0 ? ', and ends there' : ''}`);
  if (lost.length > 0) parts.push(`is lost at ${list(new Set(lost))}, which is cut`);
  return parts.length === 0 ? 'it is dropped' : `it ${parts.join(', and ')}`;
}

function list(names: Iterable<string>): string {
  const all = [...names];
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}

function notFor(frames: readonly LeftFrame[]): string {
  return describePacket(frames[0]!.frame);
}
