/** Code that is loaded when it is first needed. What could not be loaded is tried anew when it is needed again, unlike with React's lazy alone. */
import { createElement, lazy, useEffect, useState, type ComponentType } from 'react';

type Load<Props> = () => Promise<{ default: ComponentType<Props> }>;

const contents = new Map<unknown, ComponentType<never>>();

/** useLazy is the component that load loads, or else the one in its place. Both functions have to be the same each time. */
export function useLazy<Props extends object>(load: Load<Props>, inPlace: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const [content] = useState(() => contentOf(load, inPlace));
  return content;
}

function contentOf<Props extends object>(load: Load<Props>, inPlace: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const known = contents.get(load) as ComponentType<Props> | undefined;
  if (known) return known;
  const content = lazy(() => load().catch(async () => ({ default: until(load, await inPlace()) })));
  contents.set(load, content);
  return content;
}

/** until is a component with whose end what could not be loaded is forgotten. */
function until<Props extends object>(load: unknown, content: ComponentType<Props>): ComponentType<Props> {
  return function InPlace(props: Props) {
    useEffect(() => () => void contents.delete(load), []);
    return createElement(content, props);
  };
}
