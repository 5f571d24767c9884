/**
 * What generated code throws instead of an error of its own: bytes or a value that it does not take. Its caller then
 * asks the interpreted codec, so that there is one place only that says what is wrong, or takes what is rare.
 */

class GiveUp extends Error {}

/** Always the same: made once, it costs no stack trace. */
export const GIVE_UP: Error = new GiveUp('generated code gave up');

/** That, in generated code, where it is the constant G. */
export const GIVE = 'throw G;';
