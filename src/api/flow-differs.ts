/** Whether a flow that the stream's readers know is worth telling again. */

import type { FlowStatus } from './snapshot.ts';

/** `duration` grows by itself and is no change, unless it fell: then the flow was installed anew. */
export function flowDiffers(known: FlowStatus, now: FlowStatus): boolean {
  return (
    known.packets !== now.packets ||
    known.bytes !== now.bytes ||
    known.packetRate !== now.packetRate ||
    known.bitRate !== now.bitRate ||
    known.actions !== now.actions ||
    known.cookie !== now.cookie ||
    known.app !== now.app ||
    known.intent !== now.intent ||
    known.source !== now.source ||
    known.switch !== now.switch ||
    known.tableName !== now.tableName ||
    now.duration < known.duration
  );
}
