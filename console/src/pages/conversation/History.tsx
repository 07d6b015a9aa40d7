/** What happened to the conversation, for those who may read the audit log: newest first, from its import on. */
import { Text } from '@mantine/core';
import { EventLines } from '../../audit/EventLines';
import { More } from '../../audit/More';
import { usePages } from '../../audit/usePages';
import { dateAndClock } from '../../ui/format';
import { Panel } from './Panel';
import { HISTORY, type Conversation } from './query';

const EVENTS_AT_ONCE = 10;

export function History({ conversation }: { conversation: Conversation }) {
  const pages = usePages(HISTORY, conversation.id, EVENTS_AT_ONCE, ({ conversation: of }) => of?.history, conversation);
  return (
    <Panel title="History">
      {pages.items.length > 0 && <EventLines events={pages.items} at={dateAndClock} />}
      {!pages.fetching && !pages.error && pages.items.length === 0 && <Text size="sm">No events.</Text>}
      <More pages={pages} label="Loading the history" />
    </Panel>
  );
}
