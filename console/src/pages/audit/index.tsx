/** The audit log: who changed or removed what, and when. */
import { List } from '@mantine/core';
import { graphql } from '../../api/generated';
import { useApiQuery } from '../../api/useApiQuery';
import { Page } from '../../ui/Page';
import { QueryView } from '../../ui/QueryView';
import { Empty } from '../../ui/states';
import { TimeText } from '../../ui/TimeText';

const EVENTS = graphql(`
  query AuditEvents {
    auditEvents(first: 20) {
      nodes {
        id
        at
        activity
        user {
          name
        }
      }
    }
  }
`);

export default function Audit() {
  const query = useApiQuery(EVENTS);
  return (
    <Page title="Audit log">
      <QueryView query={query} label="Loading the audit log">
        {({ auditEvents: { nodes } }) =>
          nodes.length === 0 ? (
            <Empty title="Nothing happened in the last ten days" />
          ) : (
            <List>
              {nodes.map(({ id, at, activity, user }) => (
                <List.Item key={id}>
                  <TimeText value={at} /> {user.name} {activity}
                </List.Item>
              ))}
            </List>
          )
        }
      </QueryView>
    </Page>
  );
}
