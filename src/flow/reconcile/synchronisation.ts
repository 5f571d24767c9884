/** From what apps want to what the switch has: woven, compared with the mirror, what is drift named, the difference sent. */

import { faultPoint } from '../../fault-point.ts';
import type { Connection } from '../../openflow/connection.ts';
import type { Window } from '../../openflow/window.ts';
import type { ZoneMemory } from '../allocate/switch-allocation.ts';
import { outdated } from '../learned.ts';
import { atOnce, inSlices, type Sliced } from '../slices.ts';
import type { Weaver, Woven } from '../weave/weaver.ts';
import type { Agenda, Scope } from './agenda.ts';
import { type Desired, type Difference, differing } from './difference.ts';
import { type Direct, isDirect } from './direct.ts';
import { type DriftLog, isDrift } from './drift.ts';
import { createEarly } from './early.ts';
import type { Mirror } from './mirror.ts';
import { keysOf, type Observer } from './observer.ts';
import type { Problems } from './problems.ts';
import type { Differences } from './reading.ts';
import type { Sender } from './sending.ts';
import { isMakingRoom, nothingSent, type SyncResult, type Transfer } from './transfer.ts';
import { createZoneFlush } from './zone-flush.ts';

export interface SynchronisationParts {
  connection: Connection;
  window: Window;
  weaver: Pick<Weaver, 'weaving' | 'woven'>;
  mirror: Mirror;
  agenda: Agenda;
  problems: Problems;
  driftLog: DriftLog;
  sender: Sender;
  transfer: Transfer;
  direct: Direct;
  observer: Pick<Observer, 'readOthers'>;
  zones: ZoneMemory | undefined;
  waitingFor: ReadonlySet<number> | undefined;
  hasPort(port: number): boolean;
  synchronised(result: SyncResult, drift: string[]): void;
}

export interface Synchronisation {
  /** As last woven. */
  readonly desired: Desired;
  /** Without a bundle, as the answer to a packet-in. False: it is too much for that, and `run` is to do it. */
  sendAtOnce(): boolean;
  /** Of a flow that somebody else has changed: it is not as it should be. */
  isDrift(identity: string): boolean;
  run(): Promise<void>;
  /** The switch was read again, and this was other than it was thought to be. */
  correct(found: Differences): Promise<void>;
}

export function createSynchronisation(parts: SynchronisationParts): Synchronisation {
  const { window, weaver, mirror, agenda, problems, driftLog, sender, transfer, direct, observer, hasPort } = parts;
  const { quarantine } = problems;
  const zoneFlush = createZoneFlush(parts.connection, mirror.namespace, parts.zones);
  let desired: Desired & Pick<Woven, 'zones'> = {
    flows: new Map(),
    groups: new Map(),
    meters: new Map(),
    zones: new Map(),
  };

  function take(woven: Woven): void {
    desired = woven;
    agenda.addDeclared(woven.touched);
    problems.takeWeaveErrors(woven.errors);
    problems.forget(desired, mirror);
  }

  function* comparing(scope: Scope): Sliced<Difference> {
    const found = yield* differing(desired, mirror, quarantine, {
      only: scope.only,
      isSet: (identity) => scope.set.has(identity),
      isOutdated: outdated(desired.flows, hasPort),
      waitingFor: parts.waitingFor,
    });
    problems.takeHeld(found.held);
    return found;
  }

  async function send(first: Difference, scope: Scope): Promise<SyncResult> {
    const result = await transfer.run(first, () => inSlices(comparing(scope)));
    if (!isMakingRoom(first) || quarantine.crowded() === 0) return result;
    const again = quarantine.retry();
    const wider = { ...scope, only: scope.only && new Set([...scope.only, ...problems.held.keys(), ...again]) };
    const compare = () => inSlices(comparing(wider));
    const more = await transfer.run(await compare(), compare);
    for (const each of ['added', 'deleted', 'groups'] as const) result[each] += more[each];
    return result;
  }

  /** What is sure to be sent leaves while the rest is woven. */
  function weave(): Promise<Woven> {
    const early = createEarly({ mirror, quarantine, sender, transfer, woven: weaver.woven });
    return inSlices(weaver.weaving(early.take), early.send);
  }

  async function run(quietly?: 'quietly'): Promise<void> {
    try {
      await bring(quietly);
    } finally {
      await sender.dropEarly();
    }
  }

  /** `quietly`: where nothing was to be done, nothing is told. */
  async function bring(quietly?: 'quietly'): Promise<void> {
    take(await weave());
    for (const key of await observer.readOthers()) agenda.suspect(key);
    const scope = agenda.take(problems.held.keys());
    const first = await inSlices(comparing(scope));
    faultPoint('flows: changes collected');
    const isNothing = first.before.length + first.bundle.length + first.after.length === 0;
    const drift = driftLog.name(first, scope, mirror);
    const zones = zoneFlush.begin(desired.zones, mirror.flows.values());
    const result = isNothing ? nothingSent() : await send(first, scope);
    if (isNothing && zones.flushed) await window.barrier();
    zones.remember();
    const refused = quarantine.count((name) => desired.flows.has(name));
    result.unchanged = desired.flows.size - result.added - refused - problems.held.size;
    if (!isNothing || quietly === undefined) parts.synchronised(result, drift);
  }

  return {
    get desired() {
      return desired;
    },
    sendAtOnce() {
      take(atOnce(weaver.weaving()));
      const waited = problems.held;
      const scope = agenda.take(waited.keys());
      const found = atOnce(comparing(scope));
      if (isDirect(found) && !window.crowded) {
        direct.send(found.bundle);
        return true;
      }
      agenda.addDeclared(scope.set);
      problems.keepHeld(waited);
      return false;
    },
    isDrift: (identity) => isDrift(identity, desired, mirror),
    run,
    async correct(found) {
      for (const identity of found.flows.keys()) if (isDrift(identity, desired, mirror)) agenda.suspect(identity);
      for (const key of keysOf(found)) agenda.suspect(key);
      // Flows that the switch learned are looked at too: their ports may have gone.
      agenda.addAll();
      const crowded = quarantine.crowded();
      quarantine.retry('some');
      await run('quietly');
      if (quarantine.crowded() === crowded) return;
      // Where one found room, others may.
      quarantine.retry();
      agenda.addAll();
      await run('quietly');
    },
  };
}
