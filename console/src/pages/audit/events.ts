/** What the page asks of the audit log. */
import { graphql } from '../../api/generated';
import type { AuditEventsQuery } from '../../api/generated/graphql';

export const PAGE_SIZE = 25;

export const EVENTS = graphql(`
  query AuditEvents($first: Int!, $after: Cursor, $filter: AuditEventFilter!) {
    auditEvents(first: $first, after: $after, filter: $filter) {
      nodes {
        id
        occurredAt
        activity
        result
        settingsVersion
        user {
          userId
          name
        }
        about {
          conversation
          item
          oldValue
          newValue
          counts {
            name
            count
          }
          mediaFiles
          operation
          reason
          protectedUntil
        }
      }
      edges {
        cursor
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

/** The newest event alone: whether something has come in since a page was read. */
export const NEWEST = graphql(`
  query NewestAuditEvent($filter: AuditEventFilter!) {
    auditEvents(first: 1, filter: $filter) {
      nodes {
        id
      }
    }
  }
`);

/** Whether a conversation exists for the viewer, who need not see all. */
export const SEEN = graphql(`
  query AuditedConversation($id: ID!) {
    conversation(id: $id) {
      id
    }
  }
`);

export type AuditEvent = AuditEventsQuery['auditEvents']['nodes'][number];
export type AuditUser = AuditEvent['user'];
