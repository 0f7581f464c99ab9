/** One message on the wire between host and guest; lab/guest/agent.c has the list of types. */
export type Frame = { readonly type: string; readonly job: number; readonly payload: Buffer };

const HEAD = 9;

/** A frame as bytes. */
export function encodeFrame(type: string, job: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(HEAD);
  head.write(type, 0, 1, 'latin1');
  head.writeUInt32LE(job, 1);
  head.writeUInt32LE(payload.length, 5);
  return Buffer.concat([head, payload]);
}

/** The payload that asks for a command: each word ended by NUL. */
export function encodeCommand(words: readonly string[]): Buffer {
  const bad = words.find((word) => word.includes('\0'));
  if (bad !== undefined || words.length === 0) throw new Error('a command is one or more words without NUL');
  return Buffer.from(words.map((word) => `${word}\0`).join(''));
}

/** Takes bytes as they come and gives the frames that are complete. */
export function frameDecoder(): (chunk: Uint8Array) => Frame[] {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const frames: Frame[] = [];
    while (rest.length >= HEAD) {
      const end = HEAD + rest.readUInt32LE(5);
      if (rest.length < end) break;
      frames.push({
        type: rest.toString('latin1', 0, 1),
        job: rest.readUInt32LE(1),
        payload: rest.subarray(HEAD, end),
      });
      rest = rest.subarray(end);
    }
    return frames;
  };
}

/** What a shell's $? would be for a wait status: the exit code, or 128 and the signal. */
export function exitStatus(waitStatus: number): number {
  const signal = waitStatus & 0x7f;
  return signal === 0 ? (waitStatus >> 8) & 0xff : 128 + signal;
}
