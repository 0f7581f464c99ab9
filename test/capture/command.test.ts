import { describe, expect, test } from 'vitest';
import { callingUser, findUser, startCommand } from '../../src/capture/command.ts';

describe('a traced command', () => {
  test.each([
    [['sh', '-c', 'exit 7'], 7],
    [['sh', '-c', 'kill -TERM $$'], 128 + 15],
    [['/nothing'], 127],
    [['/etc'], 126],
  ])('%j ends with %i', async (words, status) => {
    expect(await startCommand(words, null).status).toBe(status);
  });

  test('that is killed by us', async () => {
    const command = startCommand(['sleep', '60'], null);
    command.kill('SIGHUP');
    expect(await command.status).toBe(128 + 1);
  });
});

describe('whom it runs as', () => {
  test('is who called sudo, unless that was root', () => {
    expect(callingUser({ SUDO_USER: 'ann' })).toBe('ann');
    for (const env of [{}, { SUDO_USER: '' }, { SUDO_USER: 'root' }]) expect(callingUser(env)).toBeNull();
  });

  test('is a user with a group, or nobody at all', async () => {
    expect(await findUser('root')).toEqual({ user: 'root', group: '0' });
    for (const name of ['no such user', '--help', '']) expect(await findUser(name)).toBeNull();
  });
});
