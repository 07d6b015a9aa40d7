/** The person who is signed in, as the server sees them. */
import { createContext, useContext } from 'react';
import type { Role, ViewerQuery } from '../api/generated/graphql';

export type Viewer = ViewerQuery['viewer'];

export const ViewerContext = createContext<Viewer | null>(null);

export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext);
  if (!viewer) throw new Error('useViewer needs somebody signed in');
  return viewer;
}

/** useMay tells whether the viewer holds a role; where it is false, do not offer what the server would refuse. */
export function useMay(role: Role): boolean {
  return useViewer().roles.includes(role);
}
