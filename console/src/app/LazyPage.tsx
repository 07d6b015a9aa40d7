/** A page whose code is loaded when it is first opened. */
import { createElement, type ComponentType } from 'react';
import { reloadedForUpdate } from '../api/update';
import { useLazy } from '../ui/useLazy';
import { PageFailed } from './PageFailed';
import type { PageEntry } from './pages';

export const LazyPage = ({ load }: Pick<PageEntry, 'load'>) => createElement(useLazy(load, failed));

/** failed never answers where a newer console is on its way. */
const failed = async (): Promise<ComponentType> => ((await reloadedForUpdate()) ? new Promise(() => undefined) : PageFailed);
