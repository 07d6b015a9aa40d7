/** What the page asks of the API. */
import { graphql } from '../../api/generated';
import type { ConversationQuery, MessagesFragment } from '../../api/generated/graphql';

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
      vconCount
      vcons
      participantCount
      participants {
        role
        name
        phoneNumber
        isPhoneNumberAnonymized
        digitalAddress
        isDigitalAddressAnonymized
      }
      metadataCount
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
        metadataKeyCount
        metadataKeys
      }
      segmentCount
      segments {
        __typename
        id
        startedAt
        durationSeconds
        isAnonymized
        reviewabilityReason
        made: messages(first: 50, kinds: [SUMMARY, TRANSLATION, DIARIZED]) {
          ...Messages
        }
        ... on CallSegment {
          turns: messages(first: 50, kinds: [TRANSCRIPT]) {
            ...Messages
          }
          mediaCount
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
          turns: messages(first: 50, kinds: [EMAIL_BODY]) {
            ...Messages
          }
          subject
          isSubjectAnonymized
          attachmentCount
        }
        ... on ChatSegment {
          turns: messages(first: 50, kinds: [CHAT_MESSAGE]) {
            ...Messages
          }
          roomName
          isRoomNameAnonymized
        }
      }
    }
  }
`);

export const MESSAGES = graphql(`
  fragment Messages on MessageConnection {
    nodes {
      kind
      author {
        name
        role
        digitalAddress
        isDigitalAddressAnonymized
      }
      sentAt
      text
      isAnonymized
    }
    pageInfo {
      hasNextPage
      endCursor
    }
    totalCount
  }
`);

/** The next page of the messages of a segment. */
export const MORE = graphql(`
  query MoreMessages($id: ID!, $after: Cursor, $kinds: [MessageKind!]) {
    node(id: $id) {
      ... on Segment {
        messages(first: 100, after: $after, kinds: $kinds) {
          ...Messages
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
export type MessagePage = MessagesFragment;
export type Message = MessagePage['nodes'][number];
export type Sender = NonNullable<Message['author']>;
export type MediaFile = CallSegment['media'][number];
export type Participant = Conversation['participants'][number];

/** What a part of a conversation's page has of the whole. */
export interface InConversation {
  conversation: Conversation;
  /** Asks for the conversation anew. */
  refetch: () => void;
}
