/** What the page asks of the audit log. */
import { graphql } from '../../api/generated';

export const PAGE_SIZE = 25;

/** One event of each operation is enough to tell those that have one. */
export const OPERATIONS = graphql(`
  query AuditOperations($first: Int!, $after: Cursor, $filter: AuditEventFilter!) {
    auditOperations(first: $first, after: $after, filter: $filter) {
      nodes {
        id
        occurredAt
        activity
        result
        eventCount
        user {
          userId
          name
        }
        totals {
          name
          count
        }
        events(first: 1) {
          nodes {
            ...AuditEventParts
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

/** The newest operation alone: whether something has come in since a page was read. */
export const NEWEST = graphql(`
  query NewestAuditOperation($filter: AuditEventFilter!) {
    auditOperations(first: 1, filter: $filter) {
      nodes {
        id
      }
    }
  }
`);

/** Every event, for the file. */
export const EVENTS = graphql(`
  query AuditEvents($first: Int!, $after: Cursor, $filter: AuditEventFilter!) {
    auditEvents(first: $first, after: $after, filter: $filter) {
      nodes {
        ...AuditEventParts
        vconHashes
        operation {
          id
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);
