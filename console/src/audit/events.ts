/** What the console reads of the audit log. */
import { graphql } from '../api/generated';
import type { AuditEventPartsFragment } from '../api/generated/graphql';

export const EVENT_PARTS = graphql(`
  fragment AuditEventParts on AuditEvent {
    id
    occurredAt
    activity
    result
    settingsVersion
    user {
      userId
      name
    }
    conversation {
      id
    }
    details {
      __typename
      ... on BasicDataChange {
        item
        isOnBefore
        isOnAfter
      }
      ... on MetadataKeyChange {
        key
        property
        isOnBefore
        isOnAfter
      }
      ... on AnonymizationDetails {
        items
        metadataKeys
        phoneNumberCount
        digitalAddressCount
        subjectCount
        messageCount
        metadataValueCount
        mediaFileCount
      }
      ... on MediaFilesDetails {
        mediaFileCount
      }
      ... on ProtectionDetails {
        mediaFileCount
        reason
        protectedUntil
      }
      ... on ReleaseDetails {
        mediaFileCount
        cause
      }
      ... on ImportDetails {
        isNew
        participantCount
        segmentCount
        messageCount
        metadataValueCount
        mediaFileCount
        mergedCount
      }
      ... on ExportDetails {
        hasMedia
        isRedacted
      }
      ... on Refusal {
        code
        conversationCount
        mediaFileCount
      }
      ... on AccessDenial {
        operation
        code
        count
      }
    }
  }
`);

/** The events of an operation, page by page. */
export const EVENTS_OF_OPERATION = graphql(`
  query EventsOfOperation($id: ID!, $first: Int!, $after: Cursor) {
    node(id: $id) {
      ... on AuditOperation {
        id
        events(first: $first, after: $after) {
          nodes {
            ...AuditEventParts
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  }
`);

export type AuditEvent = AuditEventPartsFragment;
export type AuditUser = AuditEvent['user'];
type Details = NonNullable<AuditEvent['details']>;

/** DetailsOf are the details of one type. */
export type DetailsOf<Type extends Details['__typename']> = Extract<Details, { __typename: Type }>;
