/** The templates that apps have declared for one switch, by table: which are the same, and whose flows have ended. */

import type { FlowRemoved } from '../../../proto/openflow/flow-mod.ts';
import { cookieOf, intentContent, intentId, isReactive, REACTIVE } from '../cookie.ts';
import type { Intent } from '../flow.ts';
import { FlowError } from '../flow-error.ts';
import type { Namespace } from '../namespace.ts';
import { type DesiredFlow, type FlowPlace, intentOf } from '../weave/desired.ts';
import { same } from '../weave/same.ts';
import type { WeaverApp } from '../weave/weaver.ts';
import type { KnownIntents } from './known-intents.ts';
import type { FlowTemplate } from './template.ts';
import { type TimedSwitch, tableOf } from './timed-switch.ts';
import { createTimedTemplate, type Template, type TimedTemplate } from './timed-template.ts';

/** Who has a template. */
export interface TemplateUser {
  /** Asked for each flow that is set. An instance of an app has one for all its templates. */
  maySend(): boolean;
  /** Hears the numbers of flows that are gone. */
  ended: ((...numbers: number[]) => void) | undefined;
}

/** A template's flow that has ended, and who is to hear it. */
export interface EndedNumbers {
  app: string;
  numbers: number[];
  tell: TemplateUser['ended'];
}

export interface DeclaredTemplates {
  /** Tables that had one. */
  readonly size: number;
  /** The same template declared again is the same. */
  declare(app: WeaverApp, table: string, template: FlowTemplate, user: TemplateUser): Template;
  forget(app: WeaverApp): void;
  /** The pipeline was woven. */
  follow(): void;
  flowRemoved(message: FlowRemoved): EndedNumbers | undefined;
  cookies(): Iterable<bigint>;
  /** Their flows that stand. */
  flows(): Iterable<DesiredFlow>;
}

interface TemplateOf {
  app: WeaverApp;
  cookie: bigint;
  template: TimedTemplate;
  ended: TemplateUser['ended'];
}

export function createDeclaredTemplates(
  parts: TimedSwitch,
  intents: Pick<KnownIntents, 'remember'>,
): DeclaredTemplates {
  const { namespace, weaver, actual } = parts;
  /** By table id. */
  const templates = new Map<number, TemplateOf[]>();
  return {
    get size() {
      return templates.size;
    },
    declare(app, table, spec, user) {
      const tableId = tableOf(app, table);
      if ((spec.idleTimeout ?? 0) === 0 && (spec.hardTimeout ?? 0) === 0) {
        throw new FlowError(`a template's flows live by a timeout: idleTimeout or hardTimeout is missing`);
      }
      parts.hold(app, table);
      const of = templates.get(tableId) ?? [];
      templates.set(tableId, of);
      const intent = intentOf(spec);
      const standing = of.find((each) => each.app.number === app.number && same(each.template.spec, spec));
      if (standing !== undefined) {
        standing.ended = user.ended;
        standing.template.maySend = user.maySend;
        return standing.template;
      }
      const rival = of.findIndex((each) => each.app.number === app.number && each.template.intent.text === intent.text);
      if (rival >= 0 && of[rival]!.template.maySend === user.maySend) {
        throw new FlowError(
          `table "${table}" has another template with the intent "${intent.text}": they could not be told apart, give one another intent`,
        );
      }
      // One of an earlier instance: their cookies would be one.
      if (rival >= 0) of.splice(rival, 1);
      const place: FlowPlace = { app, tableId, key: '' };
      const template = createTimedTemplate(spec, place, weaver.scope(app, table), intent, parts);
      for (const flow of actual.inTable(tableId)) if (isReactive(flow.cookie)) template.adopt(flow);
      template.maySend = user.maySend;
      const cookie = flowCookie(namespace, app, intent);
      of.push({ app, cookie, template, ended: user.ended });
      intents.remember(cookie, app.name, intent);
      // Some may go on to another table than they shall.
      if (weaver.version > 0) template.follow();
      return template;
    },
    forget(app) {
      for (const [id, of] of templates) {
        templates.set(
          id,
          of.filter((each) => each.app.name !== app.name),
        );
      }
    },
    follow() {
      for (const of of templates.values()) for (const { template } of of) template.follow();
    },
    flowRemoved(message) {
      for (const { app, cookie, template, ended } of templates.get(message.tableId) ?? []) {
        if (template.spec.priority !== message.priority || cookie !== message.cookie) continue;
        const numbers = template.ended(message);
        if (numbers !== undefined) return { app: app.name, numbers, tell: ended };
      }
      return undefined;
    },
    *cookies() {
      for (const of of templates.values()) for (const { cookie } of of) yield cookie;
    },
    *flows() {
      for (const of of templates.values()) for (const { template } of of) yield* template.flows();
    },
  };
}

function flowCookie(namespace: Namespace, { name, number }: WeaverApp, intent: Intent): bigint {
  return cookieOf(namespace, number, intentId(name, intentContent(intent)) | REACTIVE);
}
