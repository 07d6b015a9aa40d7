/** What can be refused to somebody, in words, with the role that the API asks for; a test compares it with the schema. */
import type { Role } from '../api/generated/graphql';

interface Request {
  /** As the end of "was refused ...". */
  doing: string;
  role: Role;
}

export const REQUESTS: Record<string, Request> = {
  saveComplianceSettings: { doing: 'saving the compliance settings', role: 'INTERACTION_ANONYMIZE' },
  stageComplianceSettings: { doing: 'staging compliance settings', role: 'INTERACTION_ANONYMIZE' },
  resetComplianceSettings: { doing: 'resetting staged compliance settings', role: 'INTERACTION_ANONYMIZE' },
  anonymizeConversations: { doing: 'anonymizing conversations', role: 'INTERACTION_ANONYMIZE' },
  planAnonymization: { doing: 'planning an anonymization job', role: 'INTERACTION_ANONYMIZE' },
  startAnonymization: { doing: 'starting an anonymization job', role: 'INTERACTION_ANONYMIZE' },
  pauseAnonymization: { doing: 'pausing an anonymization job', role: 'INTERACTION_ANONYMIZE' },
  resumeAnonymization: { doing: 'continuing an anonymization job', role: 'INTERACTION_ANONYMIZE' },
  cancelAnonymization: { doing: 'cancelling an anonymization job', role: 'INTERACTION_ANONYMIZE' },
  protectMedia: { doing: 'protecting media files', role: 'MANAGE_DATA_LIFECYCLE' },
  releaseMedia: { doing: 'releasing media files from protection', role: 'MANAGE_DATA_LIFECYCLE' },
  configureMetadataKey: { doing: 'configuring a metadata key', role: 'EDIT_ADMIN_SETTING' },
  exportConversation: { doing: 'exporting a conversation', role: 'INTERACTIONS_EXPORT_JSON' },
  // Not of the schema: conversations that are sent to /import.
  import: { doing: 'importing conversations', role: 'ADD_CALL' },
};
