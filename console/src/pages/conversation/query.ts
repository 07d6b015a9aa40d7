/** What the page asks of the API. */
import { graphql } from '../../api/generated';
import type { ConversationQuery } from '../../api/generated/graphql';

/** Protections in detail and failures to delete are requested only for users who may act on them. */
export const CONVERSATION = graphql(`
  query Conversation($id: ID!, $mayProtect: Boolean!) {
    conversation(id: $id) {
      id
      startedAt
      endedAt
      durationSeconds
      direction
      types
      mediaStatus
      protectedMediaCount
      vcons
      participants {
        role
        name
        phoneNumber
        isPhoneNumberAnonymized
        digitalAddress
        isDigitalAddressAnonymized
      }
      metadata {
        key
        value
        isAnonymized
      }
      isReviewable
      anonymization {
        anonymizedAt
        settingsVersion
        basicData {
          participantPhoneNumber
          participantDigitalAddress
          subjectAndBody
          mediaFiles
        }
        metadataKeys
      }
      segments {
        __typename
        id
        startedAt
        durationSeconds
        isAnonymized
        reviewabilityReason
        messages {
          kind
          author {
            name
            role
          }
          sentAt
          text
          isAnonymized
        }
        ... on CallSegment {
          media {
            id
            kind
            status
            mediaType
            startedAt
            durationSeconds
            playbackUrl
            sourceUrl
            isProtected
            protection @include(if: $mayProtect) {
              reason
              note
              until
            }
            deletionFailure @include(if: $mayProtect)
          }
        }
        ... on EmailSegment {
          messages {
            author {
              digitalAddress
              isDigitalAddressAnonymized
            }
          }
          subject
          isSubjectAnonymized
          attachmentCount
        }
        ... on ChatSegment {
          roomName
          isRoomNameAnonymized
        }
      }
    }
  }
`);

/** What happened to the conversation; null for those who may not read the audit log. */
export const HISTORY = graphql(`
  query ConversationHistory($id: ID!, $first: Int!, $after: Cursor) {
    conversation(id: $id) {
      id
      history(first: $first, after: $after) {
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
`);

export const CHANGED = graphql(`
  subscription ConversationChanged($ids: [ID!]!) {
    conversationChanged(ids: $ids) {
      id
      anonymization {
        anonymizedAt
      }
    }
  }
`);

export type Conversation = NonNullable<ConversationQuery['conversation']>;
export type Segment = Conversation['segments'][number];
export type CallSegment = Extract<Segment, { __typename: 'CallSegment' }>;
export type EmailSegment = Extract<Segment, { __typename: 'EmailSegment' }>;
export type ChatSegment = Extract<Segment, { __typename: 'ChatSegment' }>;
export type Message = Segment['messages'][number];
export type Sender = NonNullable<EmailSegment['messages'][number]['author']>;
export type MediaFile = CallSegment['media'][number];
export type Participant = Conversation['participants'][number];

/** What a part of a conversation's page has of the whole. */
export interface InConversation {
  conversation: Conversation;
  /** Asks for the conversation anew. */
  refetch: () => void;
}
