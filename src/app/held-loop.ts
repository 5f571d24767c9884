/** Who holds the event loop, from what is seen of it every few milliseconds: who is to be told of, and since when. Pure. */

/** Milliseconds until it is told: of one app, of the loop that others hold; and until it is told again. */
const APP_BLOCKS = 400;
const LOOP_BLOCKS = 1500;
const TOLD_AGAIN = 10_000;
/** So long an app holds it that got too little of a processor: told too, with that. */
const STARVED = 900;

/** Of a process that was stopped as a whole no more is counted between two looks. */
const MOST_BETWEEN = 50;
/** What it waited is told late, and counted as time goes on: no more of it than this. */
const MOST_OWED = 1000;

/** What is seen at one look. */
export interface Sight {
  /** Milliseconds, by any clock. */
  now: number;
  /** Goes up as long as the loop turns. */
  beat: number;
  /** Numbers of the app whose code runs, 0: none, and of what it does. */
  app: number;
  work: number;
  /** Milliseconds that the main thread has waited for a processor since it began; told when it gets one. */
  waited: number;
}

/** Milliseconds that count: those in which the main thread ran, or slept by itself; and those in which it waited. */
interface Held {
  ran: number;
  waited: number;
}

export interface Told extends Held {
  app: number;
  work: number;
}

export interface HeldLoop {
  /** The main thread had most of the time since the last look for itself. */
  ran: boolean;
  /** It is held now by that one: tell of it. */
  blocks?: Told;
  /** It turns again: of whom it was told before, who held it for so long in all. */
  turns?: Told;
}

export function watchLoop(first: Sight): (sight: Sight) => HeldLoop {
  let before = first;
  /** What it has waited and was not counted yet. */
  let owed = 0;
  /** Since the last sign of life; and since the same app is there, at each look. */
  let silent: Held = { ran: 0, waited: 0 };
  let one: Held = { ran: 0, waited: 0 };
  let told: { app: number; work: number; next: number } | undefined;

  return (sight) => {
    const passed = Math.min(Math.max(0, sight.now - before.now), MOST_BETWEEN);
    owed += Math.max(0, sight.waited - before.waited);
    const waited = Math.min(owed, passed);
    owed = Math.min(owed - waited, MOST_OWED);
    const ran = waited <= passed / 2;
    const { app, work } = sight;
    const hasChanged = app !== before.app;
    const isAlive = sight.beat !== before.beat;
    before = sight;
    if (isAlive) {
      const over = told && { app: told.app, work: told.work, ...silent };
      silent = { ran: 0, waited: 0 };
      one = { ran: 0, waited: 0 };
      told = undefined;
      return over === undefined ? { ran } : { ran, turns: over };
    }
    if (hasChanged) one = { ran: 0, waited: 0 };
    for (const held of [silent, one]) {
      held.ran += passed - waited;
      held.waited += waited;
    }
    const isOne = app !== 0 && (one.ran >= APP_BLOCKS || one.ran + one.waited >= STARVED);
    const held = isOne ? one : silent;
    const isNew = told === undefined ? isOne || silent.ran >= LOOP_BLOCKS : isOne && told.app !== app;
    if (!isNew && (told === undefined || silent.ran + silent.waited < told.next)) return { ran };
    told = { app: isOne ? app : 0, work, next: silent.ran + silent.waited + TOLD_AGAIN };
    return { ran, blocks: { app: told.app, work, ...held } };
  };
}
