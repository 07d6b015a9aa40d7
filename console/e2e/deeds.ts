/** What people do through the API, so that a test has something on record. */
import { ask, attempt } from './api';
import type { Server } from './server';
import type { Person } from './fixtures';

interface Conversation {
  id: string;
  types: string[];
  media: { id: string }[];
}

/** conversationsWithMedia lists the newest conversations that have a recording. */
export async function conversationsWithMedia(server: Server): Promise<Conversation[]> {
  const query = '{ conversations(first: 100, filter: { mediaStatuses: [AVAILABLE] }) { nodes { id types media { id } } } }';
  const { conversations } = await ask<{ conversations: { nodes: Conversation[] } }>(server, 'manager', query);
  return conversations.nodes;
}

/** protect protects the recordings of a conversation; a year tells the event from every other one. */
export async function protect(server: Server, person: Person, { media }: Conversation, note: string, year?: number): Promise<void> {
  const mutation = 'mutation ($input: ProtectMediaInput!) { protectMedia(input: $input) { userErrors { message } } }';
  const until = year ? `${year}-06-15T12:00:00Z` : null;
  await attempt(server, person, mutation, { input: { mediaFileIds: media.map(({ id }) => id), reason: 'LEGAL_CLAIM', note, until } });
}

/** release releases them again. */
export async function release(server: Server, person: Person, { media }: Conversation): Promise<void> {
  const mutation = 'mutation ($input: ReleaseMediaInput!) { releaseMedia(input: $input) { userErrors { message } } }';
  await attempt(server, person, mutation, { input: { mediaFileIds: media.map(({ id }) => id) } });
}

/** switchBasicData saves a new version of the settings over whichever is in force. */
export async function switchBasicData(server: Server, person: Person, basicData: Record<string, boolean>): Promise<void> {
  const { complianceSettings } = await ask<{ complianceSettings: { version: number } }>(
    server,
    person,
    '{ complianceSettings { version } }',
  );
  const mutation = 'mutation ($input: SaveComplianceSettingsInput!) { saveComplianceSettings(input: $input) { userErrors { message } } }';
  await ask(server, person, mutation, { input: { baseVersion: complianceSettings.version, basicData } });
}
