/** Who can be picked as a filter: users seen in the log since the page was opened, and the viewer. */
import { useState } from 'react';
import { useViewer } from '../../auth/viewer';
import type { AuditEvent, AuditUser } from './events';

/** Somebody who was not signed in has no id to filter by. */
const filterable = ({ id }: AuditUser) => id !== '';

export function useKnownUsers(events: AuditEvent[] | undefined, picked: AuditUser | null): AuditUser[] {
  const { id, name } = useViewer();
  const [known, setKnown] = useState<ReadonlyMap<string, AuditUser>>(() => new Map([[id, { id, name }]]));
  const news = [...(events ?? []).map(({ user }) => user), ...(picked ? [picked] : [])].filter(
    (user) => filterable(user) && !known.has(user.id),
  );
  if (news.length > 0) setKnown(new Map([...known, ...news.map((user) => [user.id, user] as const)]));
  return [...known.values()];
}
