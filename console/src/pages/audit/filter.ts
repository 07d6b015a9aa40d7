/**
 * Which events are on view, and how that stands in the address, so that it can be kept and passed on: time, activities, result and the opaque id of a
 * conversation. The user is left out of the address: it is an id that the identity provider chose, often a login name or an e-mail address, and
 * addresses end up in histories, logs and messages. useUserFilter keeps it in the memory of this page.
 */
import type { AuditActivity, AuditEventFilter, AuditResult } from '../../api/generated/graphql';
import { isActivity, isResult } from '../../audit/activities';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The periods that end now, in days; without one the server takes ten days. */
const DAYS = { '24h': 1, '7d': 7, '10d': 10, '30d': 30, '90d': 90 } as const;

export type Period = keyof typeof DAYS | 'all' | 'custom';

export const PERIODS: { value: Period; label: string }[] = [
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: '10d', label: 'Last 10 days' },
  { value: '30d', label: 'Last 30 days' },
  { value: '90d', label: 'Last 90 days' },
  { value: 'all', label: 'Everything' },
  { value: 'custom', label: 'From – to' },
];

export interface Filter {
  period: Period;
  /** Only of the period "custom"; null is open at that end. */
  from: string | null;
  to: string | null;
  activities: AuditActivity[];
  result: AuditResult | null;
  conversation: string | null;
}

/** parseFilter reads an address; understood is false where something in it means nothing, and was left out. */
export function parseFilter(params: URLSearchParams): { filter: Filter; understood: boolean } {
  let understood = true;
  const read = <T>(name: string, convert: (text: string) => T | null): T | null => {
    const text = params.get(name);
    const value = text === null ? null : convert(text);
    if (text !== null && value === null) understood = false;
    return value;
  };
  const from = read('from', instant);
  const to = read('to', instant);
  const period = read('period', (text) => PERIODS.find(({ value }) => value === text)?.value ?? null) ?? (from || to ? 'custom' : '10d');
  const activities = [...new Set(params.getAll('activity'))];
  if (!activities.every(isActivity)) understood = false;
  const result = read('result', (text) => (isResult(text) ? text : null));
  const custom = period === 'custom';
  const filter = {
    period,
    from: custom ? from : null,
    to: custom ? to : null,
    activities: activities.filter(isActivity),
    result,
    conversation: params.get('conversation') || null,
  };
  return { filter, understood };
}

function instant(text: string): string | null {
  const date = new Date(text);
  return /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(date.getTime()) ? date.toISOString() : null;
}

/** paramsOf writes the address; what restricts nothing is left out. */
export function paramsOf({ period, from, to, activities, result, conversation }: Filter): URLSearchParams {
  const params = new URLSearchParams();
  if (period !== '10d') params.set('period', period);
  if (period === 'custom' && from) params.set('from', from);
  if (period === 'custom' && to) params.set('to', to);
  for (const activity of activities) params.append('activity', activity);
  if (result) params.set('result', result);
  if (conversation) params.set('conversation', conversation);
  return params;
}

/** inputOf is the filter as the API takes it, for a list that is read at a certain time. */
export function inputOf(filter: Filter, userId: string | null, now: number): AuditEventFilter {
  const { activities, result, conversation, to } = filter;
  const input: AuditEventFilter = { occurredFrom: fromOf(filter, now) };
  if (to) input.occurredTo = to;
  if (activities.length > 0) input.activities = activities;
  if (userId) input.userId = userId;
  if (result) input.result = result;
  if (conversation) input.conversationId = conversation;
  return input;
}

/** Without a beginning the API takes ten days; here it means everything. */
function fromOf({ period, from }: Filter, now: number): string {
  if (period === 'custom' || period === 'all') return from ?? new Date(0).toISOString();
  return new Date(now - DAYS[period] * DAY_MS).toISOString();
}

/** periodFrom is the next period where another one is picked; From – to begins with the day on which the one before began. */
export function periodFrom(filter: Filter, period: Period, now: number): Partial<Filter> {
  if (period !== 'custom' || filter.period === 'all') return { period, from: null, to: null };
  const from = new Date(fromOf(filter, now));
  from.setHours(0, 0, 0, 0);
  return { period, from: from.toISOString(), to: null };
}

/** backwards tells whether a period ends before it begins. */
export const backwards = ({ from, to }: Filter): boolean => from !== null && to !== null && from >= to;
