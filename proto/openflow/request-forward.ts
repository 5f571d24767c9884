/** OFPT_REQUESTFORWARD (OpenFlow 1.4, 7.4.6): another controller's group-mod or meter-mod, which the switch obeyed. */

import { type Codec, structure } from '../wire/codec.ts';
import { struct } from '../wire/struct.ts';

export interface RequestForward<M> {
  type: 'requestForward';
  request: M;
}

/** `message` is the codec of a whole message, header included. */
export function requestForward<M>(message: Codec<M>): Codec<RequestForward<M>> {
  return structure(
    'ofp_requestforward_header',
    struct({ request: message }, 'requestForward') as Codec<RequestForward<M>>,
  );
}
