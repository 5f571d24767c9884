/** The group action (OpenFlow 1.4, 5.6): which buckets a packet goes through, each an action set on a copy of its key. */

import type { Action } from '../../../../proto/openflow/action.ts';
import { WORD } from '../../key/layout.ts';
import type { Bucket, Group, SwitchState } from '../../switch-state.ts';
import type { Step } from '../program.ts';
import { selectBucket } from '../select-bucket.ts';
import { finishFreezing, freeze, isEndless, runSteps, type Translation } from '../translation.ts';

const MOST_DEPTH = 64;

export function group(of: Action, groupId: number): Step {
  return {
    of,
    needsHeaders: false,
    run(translation) {
      if (isEndless(translation)) return true;
      const found = translation.state.groups.get(groupId);
      if (found === undefined) {
        translation.watcher?.note(`there is no group ${groupId}`);
        return true;
      }
      if (found.groupType === 'select' && translation.key[WORD.dpHash] === 0) {
        // Whatever is left comes after it, on the packet that has its hash.
        translation.hashing = true;
        translation.repeating = true;
        freeze(translation);
        return false;
      }
      enterGroup(translation, found);
      return false;
    },
  };
}

function enterGroup(translation: Translation, entered: Group): void {
  const before = translation.inGroup;
  translation.inGroup = true;
  translation.metBuckets.push({ group: entered, bucket: undefined });
  const { isLast } = translation;
  const buckets = chosen(translation, entered);
  for (const bucket of buckets) {
    translation.metBuckets.push({ group: entered, bucket });
    translation.isLast = isLast && bucket === buckets.at(-1);
    enterBucket(translation, bucket);
  }
  translation.isLast = isLast;
  translation.inGroup = before;
}

function chosen(translation: Translation, { groupType, buckets }: Group): readonly Bucket[] {
  const { state } = translation;
  switch (groupType) {
    case 'all':
      return buckets;
    case 'indirect':
      return buckets.slice(0, 1);
    case 'select': {
      const found = selectBucket(
        translation.key,
        buckets.filter((bucket) => isLive(state, bucket)),
      );
      return found === undefined ? [] : [found];
    }
    default: {
      const found = buckets.find((bucket) => isLive(state, bucket));
      if (found === undefined) translation.watcher?.note('no bucket is live');
      return found === undefined ? [] : [found];
    }
  }
}

/** By the port or the group that it watches; one that watches nothing is live. */
export function isLive(state: SwitchState, { watchPort, watchGroup }: Bucket, depth = 0): boolean {
  const watchesPort = watchPort !== 'any';
  const watchesGroup = watchGroup !== 'any';
  if (!watchesPort && !watchesGroup) return true;
  const port = typeof watchPort === 'number' ? state.ports.get(watchPort) : undefined;
  if (watchesPort && port?.live === true && !port.config.includes('portDown')) return true;
  const watched = typeof watchGroup === 'number' ? state.groups.get(watchGroup) : undefined;
  return depth < MOST_DEPTH && watched?.buckets.some((each) => isLive(state, each, depth + 1)) === true;
}

/** Whatever a bucket does to the key, the next one and what follows the group do not see; an error in it is its own. */
function enterBucket(translation: Translation, bucket: Bucket): void {
  const key = translation.key.slice();
  const { wasMpls } = translation;
  translation.depth++;
  translation.watcher?.enter();
  runSteps(translation, bucket.steps);
  translation.watcher?.leave();
  translation.depth--;
  if (translation.freezing) finishFreezing(translation);
  translation.key.set(key);
  translation.dirty = true;
  translation.wasMpls = wasMpls;
  translation.exit = false;
  if (!translation.endless) translation.error = undefined;
}
