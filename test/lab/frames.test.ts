import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeCommand, encodeFrame, exitStatus, type Frame, frameDecoder } from '../../lab/frames.ts';

const frame = fc.record({
  type: fc.constantFrom('O', 'E', 'X', 'H'),
  job: fc.nat(0xffffffff),
  payload: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
});

it('gives the frames back, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(frame), fc.integer({ min: 1, max: 20 }), (frames, size) => {
      const bytes = Buffer.concat(frames.map((one) => encodeFrame(one.type, one.job, one.payload)));
      const decode = frameDecoder();
      const decoded: Frame[] = [];
      for (let at = 0; at < bytes.length; at += size) decoded.push(...decode(bytes.subarray(at, at + size)));
      expect(decoded).toEqual(frames);
    }),
  );
});

it('reads a wait status as a shell does', () => {
  expect(exitStatus(7 << 8)).toBe(7);
  expect(exitStatus(15)).toBe(143);
  expect(exitStatus(11 | 0x80)).toBe(139);
});

it('refuses a command that the wire cannot carry', () => {
  expect(encodeCommand(['echo', '']).toString()).toBe('echo\0\0');
  expect(() => encodeCommand(['a\0b'])).toThrow();
  expect(() => encodeCommand([])).toThrow();
});
