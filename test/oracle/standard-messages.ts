// Messages of the standard with a value of its own in every field: as we write them, and as os-ken's classes are called.
import type { Message } from '../../proto/openflow/message.ts';
import type { Build } from './os-ken.ts';
import { bundles } from './standard/bundles.ts';
import { XID } from './standard/case.ts';
import { events } from './standard/events.ts';
import { fields } from './standard/fields.ts';
import { flows } from './standard/flows.ts';
import { groups } from './standard/groups.ts';
import { settings } from './standard/settings.ts';
import { symmetric } from './standard/symmetric.ts';

export interface StandardMessage {
  name: string;
  message: Message;
  /** undefined: os-ken has no use of it. */
  build: Build | undefined;
}

const cases = { ...symmetric, ...events, ...flows, ...fields, ...groups, ...settings, ...bundles };

export const STANDARD_MESSAGES: StandardMessage[] = Object.entries(cases).map(([name, [body, build]]) => ({
  name,
  message: { ...body, xid: XID },
  build: build && { ...build, xid: XID },
}));
