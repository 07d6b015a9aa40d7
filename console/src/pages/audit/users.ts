/** Who did something, in words: people by their name, commands by what they are called in the manual. */
import type { AuditUser } from './events';

/** The commands that write to the log, by the id that the server gives them. */
export const COMMANDS: Record<string, string> = {
  'command:delete-media': 'the Delete tool',
  'command:import': 'the import command',
  'command:expiry': 'the server',
  'command:demo': 'demo data',
};

/** nameOf names a user within a sentence. */
export function nameOf({ id, name }: AuditUser): string {
  if (id === '') return 'someone who was not signed in';
  return COMMANDS[id] ?? (name.trim() || `the user with the ID ${id}`);
}

export const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
