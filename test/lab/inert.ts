/** Whether what a program chose is harmless in what a report gives out. */
import { expect } from 'vitest';

/** No control character but the ends of lines. */
export function expectNoControls(text: string): void {
  expect(text.length).toBeGreaterThan(0);
  expect(text.replaceAll('\n', '').match(/\p{Cc}.{0,20}/u)).toBeNull();
}

/** No tag that a reader of markdown takes for HTML: those in code and those with a backslash are none. */
export function expectNoMarkup(markdown: string): void {
  const prose = markdown
    .replace(/^(`{3,})[\s\S]*?^\1$/gm, '')
    .replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
  expect(prose.match(/(?<!\\)<[a-z/!?].{0,20}/i)).toBeNull();
}
