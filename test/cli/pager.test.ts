import { describe, expect, it } from 'vitest';
import { commandWords } from '../../src/cli/pager.ts';

describe('commandWords', () => {
  it.each([
    ['less -FRX', ['less', '-FRX']],
    ['  less  ', ['less']],
    ["'/opt/my pager/less' -R", ['/opt/my pager/less', '-R']],
    ['less --prompt="a b"', ['less', '--prompt=a b']],
    ['less a\\ b', ['less', 'a b']],
    ['less; rm -rf /', ['less;', 'rm', '-rf', '/']],
    ['', []],
  ])('of %j are %j', (line, words) => {
    expect(commandWords(line)).toEqual(words);
  });
});
