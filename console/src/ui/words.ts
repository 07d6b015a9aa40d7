/** Small pieces of text. */

export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** inWords makes a sentence of an error of the API, without what it tells to programs. */
export function inWords(message: string): string {
  const said = message.replace(/(;|, or) set allow\w+ if that is meant$/, '');
  return `${said.charAt(0).toUpperCase()}${said.slice(1).replace(/\.$/, '')}.`;
}
