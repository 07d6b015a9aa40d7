/** All that is known of one conversation. It needs no page around it and fits any width from 360 pixels on, so that it can stand beside a table too. */
import { useEffect, type ReactNode } from 'react';
import { useMay } from '../../auth/viewer';
import { QueryView } from '../../ui/QueryView';
import { Anonymization } from './Anonymization';
import { AnonymizeAction } from './AnonymizeAction';
import classes from './ConversationDetail.module.css';
import { ExportAction } from './ExportAction';
import { Head } from './Head';
import { History } from './History';
import { Metadata } from './Metadata';
import { Origin } from './Origin';
import { Participants } from './Participants';
import type { Conversation } from './query';
import { Segments } from './Segments';
import { isAbsent, useConversation } from './useConversation';

interface Props {
  id: string;
  /** The conversation was merged into another one, which has this id. */
  onMoved: (id: string) => void;
  /** It was anonymized from here. */
  onAnonymized?: () => void;
  /** What stands around the detail, and in its place where there is no such conversation. */
  frame: (parts: { content: ReactNode; actions: ReactNode; absent: boolean }) => ReactNode;
}

/** Give it a key of its own for each id: nothing of one conversation may linger with the next. */
export function ConversationDetail({ id, onMoved, onAnonymized, frame }: Props) {
  const query = useConversation(id);
  const current = query.data?.conversation?.id;
  useEffect(() => {
    if (current && current !== id) onMoved(current);
  }, [current, id, onMoved]);
  const content = (
    <QueryView query={query} label="Loading the conversation">
      {({ conversation }) => conversation && <Detail conversation={conversation} refetch={query.refetch} />}
    </QueryView>
  );
  const actions = (
    <>
      {query.data?.conversation && <ExportAction conversation={query.data.conversation} />}
      <AnonymizeAction id={id} onDone={onAnonymized} />
    </>
  );
  return frame({ content, actions, absent: isAbsent(query) });
}

function Detail({ conversation, refetch }: { conversation: Conversation; refetch: () => void }) {
  const mayAudit = useMay('VIEW_AUDIT');
  return (
    <div className={classes.detail}>
      <Head conversation={conversation} />
      <div className={classes.columns}>
        <div className={classes.who}>
          <Participants participants={conversation.participants} count={conversation.participantCount} />
        </div>
        <div className={classes.content}>
          <Segments conversation={conversation} refetch={refetch} />
        </div>
        <div className={classes.more}>
          {conversation.anonymization && <Anonymization {...conversation.anonymization} />}
          <Metadata entries={conversation.metadata} count={conversation.metadataCount} />
          <Origin vcons={conversation.vcons} count={conversation.vconCount} />
          {mayAudit && <History conversation={conversation} />}
        </div>
      </div>
    </div>
  );
}
