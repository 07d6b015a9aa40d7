/** A page of the log, which ends where a batch does: what was done together is shown and counted as a whole. */
import { useApiQuery, type ApiQuery } from '../../api/useApiQuery';
import type { AuditEventFilter, AuditEventsQuery } from '../../api/generated/graphql';
import { lengthOfRest, sameBatch } from './batches';
import { EVENTS, PAGE_SIZE, type AuditEvent } from './events';

/** As many as the API gives at once, and more than people do in one batch; an import may be longer. */
const REST_SIZE = 100;

export interface EventPage {
  events: AuditEvent[];
  /** Where older events begin; null where there are none. */
  olderAfter: string | null;
  /** The first batch may have begun before this page, or the last one goes on after it: their numbers may not be those of the whole. */
  cut: { first: boolean; last: boolean };
}

interface Asked {
  /** What the person asks; the filter moves with the time. */
  question: string;
  after: string | null;
  /** Whether the page begins where a batch does. */
  whole: boolean;
  filter: AuditEventFilter;
  pause: boolean;
}

export function useEvents({ question, after, whole, filter, pause }: Asked): ApiQuery<EventPage> {
  const head = useApiQuery(EVENTS, { variables: { first: PAGE_SIZE, after, filter }, pause, question });
  const page = head.data?.auditEvents;
  const end = page?.pageInfo.endCursor ?? null;
  const goesOn = page !== undefined && page.pageInfo.hasNextPage && mayGoOn(page.nodes.at(-1));
  const variables = { first: REST_SIZE, after: end, filter };
  const rest = useApiQuery(EVENTS, { variables, pause: pause || !goesOn, question: `${question} ${end}` });
  const refetch = () => {
    head.refetch();
    rest.refetch();
  };
  const state = { error: head.error ?? (goesOn ? rest.error : undefined), fetching: head.fetching || rest.fetching, refetch };
  const more = goesOn ? rest.data?.auditEvents : undefined;
  if (!page || (goesOn && !more)) return { ...state, data: undefined };
  return { ...state, data: joined(page, more, !whole && mayGoOn(page.nodes[0])) };
}

const mayGoOn = (event: AuditEvent | undefined): boolean => event !== undefined && sameBatch(event, event);

type Part = AuditEventsQuery['auditEvents'];

/** joined adds to a page what belongs to its last batch. */
function joined(page: Part, rest: Part | undefined, first: boolean): EventPage {
  const more = rest ? lengthOfRest(page.nodes.at(-1)!, rest.nodes) : 0;
  const events = [...page.nodes, ...(rest?.nodes.slice(0, more) ?? [])];
  const goesOn = rest ? more < rest.nodes.length || rest.pageInfo.hasNextPage : page.pageInfo.hasNextPage;
  const end = more > 0 ? rest!.edges[more - 1]!.cursor : (page.pageInfo.endCursor ?? null);
  return { events, olderAfter: goesOn ? end : null, cut: { first, last: goesOn && more > 0 && more === rest!.nodes.length } };
}
