/** Who did something, in words: people by their name, commands by what they are called in the manual. */
import type { AuditUser } from './events';

/** The commands that write to the log, by the id that the server gives them. */
export const COMMANDS: Record<string, string> = {
  'command:anonymize': 'the anonymize command',
  'command:delete-media': 'the Delete tool',
  'command:import': 'the import command',
  'command:export': 'the export command',
  'command:expiry': 'the server',
  'command:demo': 'demo data',
};

/** nameOf names a user within a sentence. */
export function nameOf({ userId, name }: AuditUser): string {
  if (userId === null) return 'somebody who was not signed in';
  return COMMANDS[userId] ?? (name.trim() || `somebody with the user id ${userId}`);
}

export const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
