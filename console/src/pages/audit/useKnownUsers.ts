/** Who can be picked as a filter: users seen in the log since the page was opened, and the viewer. */
import { useState } from 'react';
import { useViewer } from '../../auth/viewer';
import type { AuditUser } from '../../audit/events';

/** A user who can be picked: somebody who was not signed in has no id to filter by. */
export interface KnownUser extends AuditUser {
  userId: string;
}

const isKnown = (user: AuditUser): user is KnownUser => user.userId !== null;

export function useKnownUsers(operations: { user: AuditUser }[] | undefined, picked: AuditUser | null): KnownUser[] {
  const { userId, name } = useViewer();
  const [known, setKnown] = useState<ReadonlyMap<string, KnownUser>>(() => new Map([[userId, { userId, name }]]));
  const news = [...(operations ?? []).map(({ user }) => user), ...(picked ? [picked] : [])]
    .filter(isKnown)
    .filter(({ userId }) => !known.has(userId));
  if (news.length > 0) setKnown(new Map([...known, ...news.map((user) => [user.userId, user] as const)]));
  return [...known.values()];
}
