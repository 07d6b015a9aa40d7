/** Where a long text or list is folded. */

/** A text is folded only where that hides a good deal of it. */
const SHOWN = 1_200;
const WORTH_FOLDING = 1_600;

/** foldedAt returns how much of a text is shown at first: all of a short one; else up to the end of a word. */
export function foldedAt(text: string): number {
  if (text.length <= WORTH_FOLDING) return text.length;
  const head = text.slice(0, SHOWN);
  const space = head.search(/\s\S*$/);
  if (space > 0) return space;
  return /[\ud800-\udbff]$/.test(head) ? SHOWN - 1 : SHOWN; // never half a character
}

/** splitQuote parts what somebody wrote in an e-mail from the older e-mails quoted at its end: lines with ">", and the line that introduces them. */
export function splitQuote(text: string): [own: string, quoted: string] {
  const lines = text.split('\n');
  let at = lines.length;
  while (at > 0 && /^(>|\s*$)/.test(lines[at - 1]!)) at--;
  if (!lines.slice(at).some((line) => line.startsWith('>'))) return [text, ''];
  if (at > 1 && lines[at - 1]!.trimEnd().endsWith(':')) at--;
  const own = lines.slice(0, at).join('\n').trimEnd();
  return own === '' ? [text, ''] : [own, lines.slice(at).join('\n').trim()];
}
