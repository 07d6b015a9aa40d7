/** What the Conversation Explorer asks of the API. */
import { graphql } from '../../api/generated';
import type { ConversationFilter, ConversationListQueryVariables, ConversationRowFragment } from '../../api/generated/graphql';
import { bounds } from './period';
import type { Search } from './search';
import { ORDERS, type View } from './view';

export const ROW = graphql(`
  fragment ConversationRow on Conversation {
    id
    startedAt
    durationSeconds
    types
    participantCount
    participants(first: 4) {
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
    mediaStatus
    protectedMediaCount
    anonymization {
      anonymizedAt
    }
  }
`);

export const LIST = graphql(`
  query ConversationList(
    $first: Int
    $after: Cursor
    $last: Int
    $before: Cursor
    $filter: ConversationFilter
    $orderBy: ConversationOrder
  ) {
    conversations(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
      nodes {
        ...ConversationRow
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`);

/** The number is asked for by itself: among millions of conversations it takes longer than the page, which must not wait for it. */
export const COUNT = graphql(`
  query ConversationCount($filter: ConversationFilter) {
    conversations(filter: $filter) {
      totalCount
    }
  }
`);

export const CHANGED = graphql(`
  subscription ConversationRowChanged($ids: [ID!]!) {
    conversationChanged(ids: $ids) {
      ...ConversationRow
    }
  }
`);

export const FILTER_KEYS = graphql(`
  query ConversationFilterKeys {
    metadataKeys(first: 10000) {
      key
      isFilterKey
    }
  }
`);

export type Row = ConversationRowFragment;

export function toFilter(view: View, search: Search, now: Date): ConversationFilter {
  return {
    ...(view.period ? bounds(view.period, now) : { startedFrom: view.from, startedTo: view.to }),
    types: view.types.length > 0 ? view.types : null,
    isReviewable: view.reviewable,
    mediaStatuses: view.media.length > 0 ? view.media : null,
    isAnonymized: view.anonymized,
    participantPhoneNumber: search.phone || null,
    participantDigitalAddress: search.address || null,
    metadata: search.metadata.length > 0 ? search.metadata : null,
  };
}

export function toVariables(view: View, filter: ConversationFilter): ConversationListQueryVariables {
  const { order, size, after, before } = view;
  const common = { filter, orderBy: ORDERS[order] };
  return before ? { ...common, last: size, before } : { ...common, first: size, after };
}
