/** The switches of the compliance settings, with their names in words. */
import type { Settings } from './operations';

export type BasicItem = keyof Settings['basicData'];
export type Section = 'basic' | 'custom' | 'other';

/** One switch as a version of the settings has it. */
export interface Item {
  /** Tells an item of Basic Data from a metadata key of the same name. */
  id: string;
  /** As people read it: of a metadata key the key itself. */
  name: string;
  section: Section;
  on: boolean;
  isCorrelationKey: boolean;
}

/** What stands in a selection: the settings in force, and a staged selection. */
export type Switches = Pick<Settings, 'basicData' | 'customData' | 'otherData'>;

export const SECTIONS: Record<Section, string> = { basic: 'Basic Data', custom: 'Custom Data', other: 'Other Data' };

export const BASIC: Record<BasicItem, { name: string; covers: string }> = {
  participantPhoneNumber: {
    name: 'Participant phone number',
    covers:
      'The phone number of every participant in every stored form: as given, normalised, and inside an address such as sip:+420…@host.',
  },
  participantDigitalAddress: {
    name: 'Participant e-mail or IP address',
    covers: 'The e-mail address, IP address or chat handle of every participant. Names are kept.',
  },
  subjectAndBody: {
    name: 'Subject and body',
    covers:
      'E-mail subjects and bodies, chat room names, chat messages, and every text made from them, such as summaries and translations. E-mails and chats can no longer be reviewed.',
  },
  mediaFiles: {
    name: 'Media files',
    covers:
      'Call and screen recordings, which are deleted unless they are protected, and every text made from them, such as transcripts and summaries. Calls can no longer be reviewed.',
  },
};

const BASIC_ITEMS = Object.keys(BASIC) as BasicItem[];
const KEY = 'key:';

export const basicId = (item: BasicItem): string => `basic:${item}`;
export const keyId = (key: string): string => KEY + key;

/** itemsOf lists every switch: Basic Data in the order of the page, then the keys as the API sorts them. */
export function itemsOf({ basicData, customData, otherData }: Switches): Item[] {
  return [
    ...BASIC_ITEMS.map((item) => basic(item, basicData[item])),
    ...customData.map((key) => keyItem(key, 'custom')),
    ...otherData.map((key) => keyItem(key, 'other')),
  ];
}

function basic(item: BasicItem, on: boolean): Item {
  return { id: basicId(item), name: BASIC[item].name, section: 'basic', on, isCorrelationKey: false };
}

function keyItem({ key, isAnonymized, isCorrelationKey }: Switches['customData'][number], section: Section): Item {
  return { id: keyId(key), name: key, section, on: isAnonymized, isCorrelationKey };
}

/** coversOf says what an item of Basic Data covers, nothing of a metadata key. */
export function coversOf({ id }: Item): string | undefined {
  return BASIC_ITEMS.filter((item) => basicId(item) === id).map((item) => BASIC[item].covers)[0];
}

/** inputOf puts positions of switches into the form that the API takes; it accepts a key in either list, since a key can change its section at any time. */
export function inputOf(values: ReadonlyMap<string, boolean>) {
  const basicData: Partial<Record<BasicItem, boolean>> = {};
  for (const item of BASIC_ITEMS) {
    const on = values.get(basicId(item));
    if (on !== undefined) basicData[item] = on;
  }
  const keys = [...values].filter(([id]) => id.startsWith(KEY));
  return { basicData, otherData: keys.map(([id, isAnonymized]) => ({ key: id.slice(KEY.length), isAnonymized })) };
}
