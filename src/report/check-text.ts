/** What the rules say, for people. */
import type { Checked } from './check-formats.ts';
import { escapeText } from './escape.ts';
import { judgementOf } from './judge.ts';
import { judgementText } from './judgement-text.ts';
import { counted } from './values.ts';

export function checkText({ outcome, tally, paint, width, all, file }: Checked): string {
  const { header } = tally;
  const facts = [file === '-' ? 'standard input' : file, header?.hostname ?? '', header?.kernel ?? ''];
  const known = facts.filter((fact) => fact !== '').map(escapeText);
  const seen = [
    counted(tally.events, 'event'),
    counted(outcome.tracked, 'tracked VMA'),
    counted(outcome.disassociations, 'disassociation'),
  ];
  const title = `${paint('title', 'umaptrace check')} ${paint('dim', known.join(' · '))}\n`;
  return `${title}${paint('dim', seen.join(', '))}\n\n${judgementText(judgementOf(outcome), { paint, width, all })}`;
}
