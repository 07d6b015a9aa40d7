/** The activities and results of the audit log in words. A new one in the API does not compile until it has its words here. */
import {
  IconAdjustments,
  IconEraser,
  IconEye,
  IconFileExport,
  IconFileImport,
  IconLock,
  IconLockOpen,
  IconPlayerPlay,
  IconShieldX,
  IconTag,
  IconTrash,
  IconTrashX,
  type Icon,
} from '@tabler/icons-react';
import type { AuditActivity, AuditResult } from '../api/generated/graphql';

const WORDS: Record<AuditActivity, { label: string; icon: Icon }> = {
  FIELD_CONFIG_UPDATE: { label: 'Basic Data switched', icon: IconAdjustments },
  METADATA_KEY_UPDATE: { label: 'Metadata key changed', icon: IconTag },
  INTERACTION_ANONYMIZE: { label: 'Conversation anonymized', icon: IconEraser },
  MEDIA_DELETION_REQUESTED: { label: 'Media deletion requested', icon: IconTrash },
  MEDIA_DELETED: { label: 'Media deleted', icon: IconTrashX },
  MEDIA_PROTECTED: { label: 'Media protected', icon: IconLock },
  MEDIA_RELEASED: { label: 'Media released', icon: IconLockOpen },
  MEDIA_PLAYED: { label: 'Recording played', icon: IconPlayerPlay },
  CONVERSATION_IMPORTED: { label: 'Conversation imported', icon: IconFileImport },
  CONVERSATION_EXPORTED: { label: 'Conversation exported', icon: IconFileExport },
  CONVERSATION_VIEWED: { label: 'Conversation read', icon: IconEye },
  ACCESS_DENIED: { label: 'Access denied', icon: IconShieldX },
};

const RESULTS: Record<AuditResult, string> = { SUCCESS: 'Succeeded', FAILURE: 'Refused or failed' };

export const ACTIVITIES = Object.keys(WORDS) as AuditActivity[];
export const labelOf = (activity: AuditActivity): string => WORDS[activity].label;
export const iconOf = (activity: AuditActivity): Icon => WORDS[activity].icon;
export const resultLabel = (result: AuditResult): string => RESULTS[result];

export const isActivity = (text: string): text is AuditActivity => Object.hasOwn(WORDS, text);
export const isResult = (text: string): text is AuditResult => Object.hasOwn(RESULTS, text);
