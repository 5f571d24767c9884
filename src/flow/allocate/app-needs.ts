/** What an app says that it uses of others, held against what is loaded. */

import type { Subfield } from '../../../proto/openflow/subfield.ts';
import { FlowError } from '../flow-error.ts';
import type { FieldPlan } from './field-plan.ts';

/** An app as far as others may need it. */
export interface NeededApp {
  name: string;
  offers: readonly { readonly name: string }[];
}

/**
 * The fields that the app may write down, by full name: its own and those that it uses. Throws where it uses what nobody
 * loaded has.
 */
export function fieldsFor(
  app: string,
  uses: readonly string[],
  plan: FieldPlan,
  loaded: ReadonlyMap<string, NeededApp>,
): Map<string, Subfield> {
  const found = new Map<string, Subfield>();
  for (const field of plan.fields.values()) if (field.app === app) found.set(field.name, field.place);
  for (const name of uses) {
    const field = plan.fields.get(name);
    if (field !== undefined) found.set(name, field.place);
    else checkService(app, name, plan, loaded);
  }
  return found;
}

function checkService(app: string, name: string, plan: FieldPlan, loaded: ReadonlyMap<string, NeededApp>): void {
  const owner = loaded.get(name.split('.')[0]!);
  if (owner === undefined) {
    throw new FlowError(
      `app "${app}" uses "${name}", and no app "${name.split('.')[0]}" is loaded`,
      `load it too, or leave "${app}" out`,
    );
  }
  if (owner.offers.some((service) => service.name === name)) return;
  const fields = [...plan.fields.values()].filter((field) => field.app === owner.name).map((field) => field.name);
  const offered = [...fields, ...owner.offers.map((service) => service.name)];
  const has = offered.length === 0 ? 'nothing that others can use' : offered.join(', ');
  throw new FlowError(`app "${app}" uses "${name}", but app "${owner.name}" has ${has}`, `mend \`uses\` of "${app}"`);
}
