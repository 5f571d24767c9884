/** Connections of UDP and of every protocol that has no states of its own: established once both sides have spoken. */

import type { Connection } from './connection.ts';
import { TIMEOUT } from './timeouts.ts';
import { VERDICT, type Verdict } from './verdict.ts';

const MULTIPLE = 1;
const BOTH_WAYS = 2;

export function updateOther(connection: Connection, reply: boolean, now: number): Verdict {
  if (reply) connection.phase = BOTH_WAYS;
  else if (connection.phase !== BOTH_WAYS) connection.phase = MULTIPLE;
  const bothWays = connection.phase === BOTH_WAYS;
  connection.expires = now + (bothWays ? TIMEOUT.otherBothWays : TIMEOUT.otherMultiple);
  return bothWays ? VERDICT.valid : VERDICT.stillNew;
}
