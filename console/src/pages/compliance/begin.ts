/** With what the page begins: the settings in force, and the draft that its user left, upon the version that it was made from. */
import type { BasicDataItem, ComplianceHistoryQuery } from '../../api/generated/graphql';
import { editBetween, savedOf, upon, type Draft, type Saved } from './draft';
import { basicId, itemsOf, keyId, type BasicItem } from './items';
import type { Settings } from './operations';

export type History = ComplianceHistoryQuery['auditEvents'];

const ITEMS: Record<BasicDataItem, BasicItem> = {
  PARTICIPANT_PHONE_NUMBER: 'participantPhoneNumber',
  PARTICIPANT_DIGITAL_ADDRESS: 'participantDigitalAddress',
  SUBJECT_AND_BODY: 'subjectAndBody',
  MEDIA_FILES: 'mediaFiles',
};

/** isBehind tells that somebody saved after the draft was begun. */
export const isBehind = ({ staged, version }: Settings): boolean => Boolean(staged && staged.baseVersion < version);

/** beginWith needs the history only of a draft that is behind; without it what the others moved is not known, and nothing is lost but that. */
export function beginWith(settings: Settings, history: History | undefined): Draft {
  const { staged } = settings;
  const current = savedOf(settings);
  if (!staged) return upon(current);
  const edit = editBetween(current.items, itemsOf(staged));
  if (!isBehind(settings) || edit.size === 0) return upon(current, edit);
  return { base: baseOf(current, staged.baseVersion, history), current, edit, news: null };
}

/** baseOf turns the settings back to an earlier version. */
function baseOf(current: Saved, version: number, history: History | undefined): Saved {
  const on = new Map<string, boolean>();
  if (history && reaches(history, version)) {
    for (const { settingsVersion, details } of history.nodes) {
      if (settingsVersion == null || settingsVersion <= version) continue;
      // The newest come first: the oldest has the last word.
      if (details?.__typename === 'BasicDataChange') on.set(basicId(ITEMS[details.item]), details.isOnBefore);
      if (details?.__typename === 'MetadataKeyChange') on.set(keyId(details.key), details.isOnBefore);
    }
  }
  const items = current.items.map((item) => ({ ...item, on: on.get(item.id) ?? item.on }));
  return { version, savedAt: null, savedBy: null, items };
}

function reaches({ nodes, pageInfo }: History, version: number): boolean {
  return !pageInfo.hasNextPage || nodes.some(({ settingsVersion }) => settingsVersion != null && settingsVersion <= version);
}
