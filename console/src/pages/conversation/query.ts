/** What the page asks of the API. */
import { graphql } from '../../api/generated';
import type { ConversationQuery } from '../../api/generated/graphql';

/** Reasons of protections and failures to delete are requested only for users who may act on them. */
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
        phoneNumberAnonymized
        digitalAddress
        digitalAddressAnonymized
      }
      metadata {
        key
        value
        anonymized
      }
      reviewability {
        reviewable
        segments {
          id
          anonymized
          reason
        }
      }
      anonymization {
        at
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
        messages {
          kind
          author
          authorRole
          sentAt
          text
          anonymized
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
            protected
            protectedUntil
            protectionReason @include(if: $mayProtect)
            deletionFailure @include(if: $mayProtect)
          }
        }
        ... on EmailSegment {
          subject
          subjectAnonymized
          attachmentCount
        }
        ... on ChatSegment {
          roomName
          roomNameAnonymized
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
        at
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
export type MediaFile = CallSegment['media'][number];
export type Participant = Conversation['participants'][number];

/** What a part of a conversation's page has of the whole. */
export interface InConversation {
  conversation: Conversation;
  /** Asks for the conversation anew. */
  refetch: () => void;
}
