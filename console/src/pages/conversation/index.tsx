/** One conversation, at an address of its own. */
import { Anchor, Text } from '@mantine/core';
import { Link, useNavigate, useParams } from 'react-router';
import { Page } from '../../ui/Page';
import { ConversationDetail } from './ConversationDetail';
import { address } from './address';

export default function Conversation() {
  const { id = '' } = useParams();
  const navigate = useNavigate();
  return (
    <ConversationDetail
      key={id}
      id={id}
      onMoved={(to) => void navigate(address(to), { replace: true })}
      frame={({ content, actions, absent }) =>
        absent ? (
          <Page title="Conversation not found">
            <Absent />
          </Page>
        ) : (
          <Page title="Conversation" actions={actions}>
            {content}
          </Page>
        )
      }
    />
  );
}

function Absent() {
  return (
    <Text>
      It does not exist, or you do not have access to it. Go to the{' '}
      <Anchor component={Link} to="/conversations" underline="always">
        conversations
      </Anchor>
      .
    </Text>
  );
}
