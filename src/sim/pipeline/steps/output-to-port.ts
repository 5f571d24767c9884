/** The packet leaves by one port, as it is now (OpenFlow 1.4, 4.1). */

import { WORD } from '../../key/layout.ts';
import { commit, type Translation } from '../translation.ts';

/** Even to where it came from. What tunnels say is given along, and is as it was behind it. */
export function outputToPort(translation: Translation, portNo: number): void {
  const { key, state, watcher } = translation;
  const port = state.ports.get(portNo);
  if (port === undefined) watcher?.note(`there is no port ${portNo}`);
  else if (port.config.includes('noFwd')) watcher?.note(`port ${portNo} forwards nothing`);
  else if (key[WORD.packetType] !== 0) watcher?.note('without an Ethernet header the packet leaves by no port');
  else {
    // The length is that before what is still to be written: a tag that is pushed comes on top.
    if (translation.maxLen > 0) translation.actions.push({ type: 'truncate', maxLen: translation.maxLen });
    commit(translation);
    const tunnel = port.tunnel === undefined ? undefined : key.slice();
    translation.actions.push({ type: 'output', port: portNo, tunnel });
  }
}
