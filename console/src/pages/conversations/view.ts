/** What the Conversation Explorer shows, as far as it may stand in the address, so that a view can be shared. Nothing of it is personal data. */
import type { ConversationOrder, ConversationType, MediaStatus } from '../../api/generated/graphql';
import { isPeriod, type PeriodName } from './period';

export const TYPES: ConversationType[] = ['CALL', 'SCREEN_RECORDING', 'EMAIL', 'CHAT'];
export const MEDIA_STATUSES: MediaStatus[] = ['NONE', 'AVAILABLE', 'PLANNED_FOR_DELETION', 'DELETED', 'MISSING'];
export const SIZES = [25, 50, 100];

export const ORDERS = {
  newest: { field: 'STARTED_AT', direction: 'DESC' },
  oldest: { field: 'STARTED_AT', direction: 'ASC' },
  longest: { field: 'DURATION', direction: 'DESC' },
  shortest: { field: 'DURATION', direction: 'ASC' },
} satisfies Record<string, ConversationOrder>;

export type OrderName = keyof typeof ORDERS;

export interface View {
  /** A period that moves with the day; null where from and to say it, or nothing does. */
  period: PeriodName | null;
  /** Instants, as the API has them. */
  from: string | null;
  to: string | null;
  types: ConversationType[];
  reviewable: boolean | null;
  media: MediaStatus[];
  anonymized: boolean | null;
  order: OrderName;
  size: number;
  /** The cursors of the page; at most one is given. */
  after: string | null;
  before: string | null;
  /** The conversation that is shown beside the table. */
  open: string | null;
}

export const everything: View = {
  period: null,
  from: null,
  to: null,
  types: [],
  reviewable: null,
  media: [],
  anonymized: null,
  order: 'newest',
  size: 25,
  after: null,
  before: null,
  open: null,
};

/** parseView reads an address, and takes no notice of what it does not understand: somebody may have typed it. */
export function parseView(params: URLSearchParams): View {
  const period = params.get('period');
  const order = params.get('order') ?? '';
  const size = Number(params.get('size'));
  const after = params.get('after');
  return {
    ...(isPeriod(period)
      ? { period, from: null, to: null }
      : { period: null, from: instant(params.get('from')), to: instant(params.get('to')) }),
    types: known(params.get('type'), TYPES),
    reviewable: yesNo(params.get('reviewable')),
    media: known(params.get('media'), MEDIA_STATUSES),
    anonymized: yesNo(params.get('anonymized')),
    order: Object.hasOwn(ORDERS, order) ? (order as OrderName) : 'newest',
    size: SIZES.includes(size) ? size : everything.size,
    after,
    before: after === null ? params.get('before') : null,
    open: params.get('open') || null,
  };
}

/** formatView writes the address; what is as it is at first is left out. */
export function formatView(view: View): URLSearchParams {
  const given: Record<string, string | null> = {
    period: view.period,
    from: view.from,
    to: view.to,
    type: view.types.join(','),
    reviewable: inWord(view.reviewable),
    media: view.media.join(','),
    anonymized: inWord(view.anonymized),
    order: view.order === everything.order ? null : view.order,
    size: view.size === everything.size ? null : String(view.size),
    after: view.after,
    before: view.before,
    open: view.open,
  };
  return new URLSearchParams(Object.entries(given).filter((entry): entry is [string, string] => Boolean(entry[1])));
}

function instant(text: string | null): string | null {
  const time = new Date(text ?? '');
  const year = Number.isNaN(time.valueOf()) ? 0 : time.getUTCFullYear();
  return year >= 1 && year <= 9999 ? time.toISOString() : null;
}

const known = <T extends string>(text: string | null, values: T[]): T[] => {
  const given = (text ?? '').split(',');
  return values.filter((value) => given.includes(value));
};

const yesNo = (text: string | null): boolean | null => (text === 'yes' ? true : text === 'no' ? false : null);

const inWord = (value: boolean | null): string | null => (value === null ? null : value ? 'yes' : 'no');
