/** What the dialog asks of the API. No value of a conversation is among it: numbers, keys and times are enough to decide. */
import { graphql } from '../api/generated';
import type { AnonymizationPreviewQuery } from '../api/generated/graphql';

export const EFFECT = graphql(`
  fragment AnonymizationEffectFields on AnonymizationEffect {
    valueCount
    phoneNumbers
    digitalAddresses
    subjects
    messages {
      kind
      count
    }
    customData(first: 10000) {
      key
      count
    }
    otherData(first: 10000) {
      key
      count
    }
    media {
      kind
      planned
      protected
      kept
      alreadyPlanned
      deleted
      missing
    }
  }
`);

export const PREVIEW = graphql(`
  query AnonymizationPreview($ids: [ID!]!) {
    anonymizationPreview(input: { conversationIds: $ids }) {
      settingsVersion
      problems {
        code
        message
        field
      }
      conversationCount
      unchangedCount
      reviewEndsCount
      notReviewableCount
      staysReviewable {
        reason
        count
      }
      effect {
        ...AnonymizationEffectFields
      }
      conversations {
        conversation {
          id
          startedAt
          types
        }
        isUnchanged
        isReviewableBefore
        isReviewableAfter
        effect {
          valueCount
          media {
            kind
            planned
            protected
          }
        }
      }
    }
  }
`);

export const ANONYMIZE = graphql(`
  mutation AnonymizeConversations($ids: [ID!]!, $settingsVersion: Int!) {
    anonymizeConversations(input: { conversationIds: $ids, settingsVersion: $settingsVersion }) {
      settingsVersion
      conversations {
        id
        mediaStatus
        isReviewable
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const CONVERSATION_CHANGED = graphql(`
  subscription AnonymizeConversationChanged($ids: [ID!]!) {
    conversationChanged(ids: $ids) {
      id
    }
  }
`);

export const SETTINGS_CHANGED = graphql(`
  subscription AnonymizeSettingsChanged {
    complianceSettingsChanged {
      version
    }
  }
`);

export type Preview = AnonymizationPreviewQuery['anonymizationPreview'];
export type Effect = Preview['effect'];
export type Problem = Preview['problems'][number];
