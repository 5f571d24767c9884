/** How a switch says no to what it was asked, by the specification's names (OpenFlow 1.4, 7.4.4). */

import type { Refusal } from '../switch-state.ts';

export function refuse(errorType: string, code: string): Refusal {
  return { errorType, code };
}

export function isRefusal(value: object): value is Refusal {
  return 'errorType' in value;
}
