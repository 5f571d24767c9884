// What must hold of any bytes at all: they decode, or DecodeError says where and why; what decodes can be encoded again.
import { isDeepStrictEqual } from 'node:util';
import { decodeMessage, encodeMessage, interpretedMessage, type Message } from '../../proto/openflow/message.ts';
import { DecodeError } from '../../proto/wire/decode-error.ts';
import { EncodeError } from '../../proto/wire/encode-error.ts';
import { Reader } from '../../proto/wire/reader.ts';

export type Verdict = 'decoded' | 'refused';

/** Throws an error that says what is broken; otherwise tells what became of the bytes. */
export function check(bytes: Uint8Array): Verdict {
  let value: Message;
  try {
    value = decodeMessage(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw new Error(`decoding raised ${String(error)}`, { cause: error });
    if (!(error.offset >= 0 && error.offset <= bytes.length)) throw new Error(`offset ${error.offset} is not in it`);
    if (error.message === '') throw new Error('the error says nothing');
    return 'refused';
  }
  let again: Uint8Array;
  try {
    again = encodeMessage(value);
  } catch (error) {
    if (!(error instanceof EncodeError)) throw new Error(`encoding raised ${String(error)}`, { cause: error });
    throw new Error(`what was decoded cannot be encoded: ${error.message}`, { cause: error });
  }
  const settled = Buffer.from(again).toString('hex');
  const twice = Buffer.from(encodeMessage(decodeMessage(again))).toString('hex');
  if (twice !== settled) throw new Error(`encoded it is ${settled}, and from that ${twice}`);
  return 'decoded';
}

/** Throws where generated code and the interpreted codec disagree about the bytes. */
export function checkInterpreted(bytes: Uint8Array): void {
  const answers = [() => decodeMessage(bytes), () => interpreted(bytes)].map((decode) => {
    try {
      return decode();
    } catch (error) {
      const { message, path, offset } = error as DecodeError;
      return { message, path, offset };
    }
  });
  if (!isDeepStrictEqual(answers[0], answers[1])) throw new Error('generated code and the interpreted codec disagree');
}

function interpreted(bytes: Uint8Array): Message {
  const reader = new Reader(bytes);
  const value = interpretedMessage.decode(reader);
  reader.expectEnd();
  return value;
}
