/** Every page: where it is, who may see it, and how it is loaded. To add one, add it here. */
import { IconFileCertificate, IconKey, IconMessages, IconShieldLock, type Icon } from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { Role } from '../api/generated/graphql';

export interface PageEntry {
  path: string;
  /** Who may see it: the holders of the role, or of any of several. */
  role: Role | Role[];
  /** Where the page stands in the navigation; a page without it is reached from another. */
  nav?: { label: string; icon: Icon; section?: string };
  load: () => Promise<{ default: ComponentType }>;
}

export const pages: PageEntry[] = [
  {
    path: '/conversations',
    role: 'VIEW_CONVERSATIONS_SCREEN',
    nav: { label: 'Conversations', icon: IconMessages },
    load: () => import('../pages/conversations'),
  },
  { path: '/conversations/:id', role: 'VIEW_CONVERSATIONS_SCREEN', load: () => import('../pages/conversation') },
  {
    path: '/compliance',
    role: 'INTERACTION_ANONYMIZE',
    nav: { label: 'Compliance', icon: IconShieldLock, section: 'Administration' },
    load: () => import('../pages/compliance'),
  },
  {
    path: '/metadata-keys',
    // Who decides what is anonymized sees how the keys are configured; the page lets only the first ones change that.
    role: ['EDIT_ADMIN_SETTING', 'INTERACTION_ANONYMIZE'],
    nav: { label: 'Metadata keys', icon: IconKey, section: 'Administration' },
    load: () => import('../pages/metadata-keys'),
  },
  {
    path: '/audit',
    role: 'VIEW_AUDIT',
    nav: { label: 'Audit log', icon: IconFileCertificate, section: 'Administration' },
    load: () => import('../pages/audit'),
  },
];
