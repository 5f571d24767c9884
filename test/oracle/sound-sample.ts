// Arbitrary `sample` that Open vSwitch accepts, in its three forms, and its text.
import fc from 'fast-check';
import { u16, u32 } from '../property/arbitrary.ts';
import { type ActionKind, ANY, kind, ovsPort } from './action-kind.ts';

const flow = fc.tuple(u16, u32, u32, u32);
const sampleText = ([probability, set, domain, point]: number[]) =>
  `sample(probability=${probability},collector_set_id=${set},obs_domain_id=${domain},obs_point_id=${point}`;
const sampleOf = ([probability, collectorSetId, obsDomainId, obsPointId]: number[]) => ({
  probability,
  collectorSetId,
  obsDomainId,
  obsPointId,
});
const probable = flow.map(([probability, ...rest]) => [Math.max(1, probability), ...rest]);

export const SAMPLE_KINDS: Readonly<Record<string, readonly ActionKind[]>> = {
  sample: [
    kind(
      ANY,
      probable,
      (each) => ({ type: 'sample', ...sampleOf(each) }),
      (each) => `${sampleText(each)})`,
    ),
  ],
  sample2: [
    kind(
      ANY,
      fc.tuple(probable, ovsPort),
      ([each, samplingPort]) => ({ type: 'sample2', ...sampleOf(each), samplingPort }),
      ([each, port]) => `${sampleText(each)},sampling_port=${port})`,
    ),
  ],
  sample3: [
    kind(
      ANY,
      fc.tuple(probable, ovsPort, fc.constantFrom('ingress', 'egress')),
      ([each, samplingPort, direction]) => ({ type: 'sample3', ...sampleOf(each), samplingPort, direction }),
      ([each, port, direction]) => `${sampleText(each)},sampling_port=${port},${direction})`,
    ),
  ],
};
