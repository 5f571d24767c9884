/** Apps on switches that nothing stands behind: what they declare, hear and tell each other, without a wire. */

import { type Duplex, duplexPair } from 'node:stream';
import { pino } from 'pino';
import { encodeMessage } from '../../proto/openflow/message.ts';
import type { PacketIn } from '../../proto/openflow/packet-in.ts';
import { createPacketInPlace, locatePacketIn } from '../../proto/openflow/packet-in-place.ts';
import { NO_BUFFER } from '../../proto/openflow/reserved-numbers.ts';
import type { AppRequest } from '../../src/app/app-request.ts';
import type { AnyApp } from '../../src/app/define-app.ts';
import { type AppHost, type AppHostOptions, createAppHost } from '../../src/app/host.ts';
import { createSwitchSite, type SwitchSite } from '../../src/app/switch-site.ts';
import type { Config } from '../../src/config/model.ts';
import { cookieOf } from '../../src/flow/cookie.ts';
import { MAIN } from '../../src/flow/namespace.ts';
import { createConnection } from '../../src/openflow/connection.ts';
import { createDatapath } from '../../src/openflow/datapath.ts';

const unused = () => undefined;

export interface Network {
  host: AppHost;
  /** By number: 1 is the switch 0000000000000001. */
  site(number: number): SwitchSite;
  /** As a reload does: these apps, on all switches. */
  load(requests: AppRequest[], network?: Config): void;
  /** A packet comes that a flow of the app sent to it. */
  packetIn(number: number, app: string, data?: Uint8Array): void;
  /** Resolves when what was announced has been told. */
  told(): Promise<void>;
  close(): void;
}

export function request(definition: AnyApp, config: unknown = {}): AppRequest {
  return { definition, config, source: 'f.yaml:1', sources: {} };
}

/** Takes what is sent to it, and keeps nothing. */
function deafPeer(): Duplex {
  const [ours, theirs] = duplexPair();
  theirs.on('end', () => theirs.end()).resume();
  return ours;
}

export function startNetwork(requests: AppRequest[], switches: number[], options: AppHostOptions = {}): Network {
  const host = createAppHost(options);
  const { log = pino({ level: 'silent' }) } = options;
  const sites = new Map<number, SwitchSite>();
  for (const number of switches) {
    const connection = createConnection(deafPeer(), 'peer', { message: unused, error: unused, close: unused });
    const events = { packetIn: unused, portChanged: unused, flowRemoved: unused, error: unused, close: unused };
    const datapath = createDatapath(connection, BigInt(number), { hwDesc: '', swDesc: '' }, [], events);
    const silence = { synchronised: unused, refused: unused, failed: unused };
    sites.set(
      number,
      createSwitchSite(datapath, () => ({ host: `hv${number}`, bridge: 'br0' }), host, silence, log),
    );
  }
  const network: Network = {
    host,
    site: (number) => sites.get(number)!,
    load(fresh, config) {
      const problems = host.load(fresh);
      if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '));
      for (let apps = host.apps, round = 0; round < 2; apps = host.apps, round++) {
        host.commons.attach(config);
        for (const site of sites.values()) site.attach(config);
        if (host.apps === apps) break;
      }
    },
    packetIn(number, app, data = new Uint8Array(60)) {
      const cookie = cookieOf(MAIN, host.apps.get(app)!.number, 1n);
      const place = createPacketInPlace();
      const message: PacketIn = {
        type: 'packetIn',
        bufferId: NO_BUFFER,
        totalLen: data.length,
        reason: 'applyAction',
        tableId: 0,
        cookie,
        match: { inPort: 1 },
        data,
      };
      const bytes = encodeMessage({ ...message, xid: 0 }).slice();
      locatePacketIn(place, bytes, 0, bytes.length);
      sites.get(number)!.receivePacketIn(place);
    },
    told: () => new Promise((resolve) => setImmediate(() => setImmediate(resolve))),
    close() {
      for (const site of sites.values()) {
        site.close();
        site.datapath.connection.close('the test ends');
      }
      host.commons.close();
    },
  };
  network.load(requests);
  return network;
}
