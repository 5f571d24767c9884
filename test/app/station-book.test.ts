/** The book of a switch's stations: what is known after each change of a learned flow, and what is told of it. */

import { expect, test } from 'vitest';
import type { LearnedStation, StationOf } from '../../src/app/learned-flow.ts';
import { createStationBook, type KnownStation } from '../../src/app/station-book.ts';
import type { ActualFlow } from '../../src/flow/reconcile/diff.ts';

const said = new WeakMap<object, LearnedStation>();
const stationOf: StationOf = (flow) => said.get(flow);

/** A flow that says this of a station; the identity is that of its place in the switch. */
function flow(
  identity: string,
  mac: string,
  says: { port?: number; peer?: string; address?: string } = {},
): ActualFlow {
  const { port, peer, address } = says;
  const made = { identity } as ActualFlow;
  said.set(made, { segment: 1, mac, place: port === undefined ? undefined : { port, peer }, address });
  return made;
}

const turns = async (count = 3) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

function withTold() {
  const told: string[] = [];
  const seen = ({ mac, place: { port } }: KnownStation, address: string | undefined) => {
    told.push(`${mac} at ${port}${address === undefined ? '' : ` is ${address}`}`);
  };
  return { told, book: createStationBook(stationOf, seen) };
}

const places = (stations: Iterable<KnownStation>) =>
  [...stations].map(({ mac, place, addresses }) => `${mac} ${place.port} ${addresses.join()}`.trim());

test('what was there before is told once the apps are there; then what is new, moves, or has an address more', async () => {
  const { book, told } = withTold();
  const first = flow('a', 'A', { port: 1 });
  book.changed(undefined, first);
  book.changed(undefined, flow('a counts', 'A'));
  await turns();
  expect(told).toEqual([]);
  book.tell();
  await turns();
  expect(told.splice(0)).toEqual(['A at 1']);
  // The same again, as it is read anew, is no news.
  book.changed(first, flow('a', 'A', { port: 1 }));
  book.changed(flow('a counts', 'A'), flow('a counts', 'A'));
  await turns();
  expect(told).toEqual([]);
  book.changed(undefined, flow('a 1', 'A', { address: '10.0.0.1' }));
  await turns();
  expect(told.splice(0)).toEqual(['A at 1 is 10.0.0.1']);
  book.changed(first, flow('a', 'A', { port: 2 }));
  await turns();
  expect(told.splice(0)).toEqual(['A at 2 is 10.0.0.1']);
  book.changed(undefined, flow('a 2', 'A', { address: '10.0.0.2' }));
  await turns();
  expect(told).toEqual(['A at 2 is 10.0.0.2']);
  expect(places(book.stations())).toEqual(['A 2 10.0.0.2,10.0.0.1']);
});

test('an address of a station that is nowhere waits for its place; one that has gone is not told any more', async () => {
  const { book, told } = withTold();
  book.tell();
  const address = flow('a 1', 'A', { address: '10.0.0.1' });
  const place = flow('a', 'A', { port: 1 });
  book.changed(undefined, address);
  await turns();
  expect([told, [...book.stations()]]).toEqual([[], []]);
  book.changed(undefined, place);
  await turns();
  expect(told.splice(0)).toEqual(['A at 1 is 10.0.0.1']);
  book.changed(place, undefined);
  expect([...book.stations()]).toEqual([]);
  book.changed(undefined, place);
  book.changed(place, undefined);
  book.changed(address, undefined);
  await turns();
  expect(told).toEqual([]);
});

test('one that moves again and again is told where it is in the end; a crowd in parts, in order, each once', async () => {
  const { book, told } = withTold();
  book.tell();
  let standing: ActualFlow | undefined;
  for (let port = 1; port <= 50; port++) {
    const moved = flow('a', 'A', { port });
    book.changed(standing, moved);
    standing = moved;
  }
  await turns();
  expect(told.splice(0)).toEqual(['A at 50']);
  for (let index = 0; index < 1000; index++) book.changed(undefined, flow(`s${index}`, `S${index}`, { port: 1 }));
  await turns(1);
  expect(told.length).toBeLessThan(500);
  await turns(10);
  expect(told).toEqual(Array.from({ length: 1000 }, (_, index) => `S${index} at 1`));
});

test('ten thousand that come and go leave nothing behind; closed, it tells nothing', async () => {
  const { book, told } = withTold();
  for (let index = 0; index < 10_000; index++) {
    const flows = [
      flow('p', `S${index}`, { port: 1 }),
      flow('c', `S${index}`),
      flow('x', `S${index}`, { address: '::1' }),
    ];
    for (const each of flows) book.changed(undefined, each);
    for (const each of flows) book.changed(each, undefined);
  }
  expect([...book.stations()]).toEqual([]);
  book.tell();
  await turns();
  expect(told).toEqual([]);
  book.changed(undefined, flow('a', 'A', { port: 1 }));
  book.close();
  await turns();
  expect(told).toEqual([]);
  book.reread([flow('b', 'B', { port: 3 })]);
  expect(places(book.stations())).toEqual(['B 3']);
});
