/** Which page stands at which address. */
import { createBrowserRouter, Navigate, type RouteObject } from 'react-router';
import { LazyPage } from './LazyPage';
import { NotFound } from './NotFound';
import { PageFailed } from './PageFailed';
import { pages, type PageEntry } from './pages';
import { RequireRole } from './RequireRole';
import { Shell } from './Shell';

const route = ({ path, role, load }: PageEntry): RouteObject => ({
  path,
  errorElement: <PageFailed />,
  element: (
    <RequireRole role={role}>
      <LazyPage key={path} load={load} />
    </RequireRole>
  ),
});

export const newRouter = () =>
  createBrowserRouter([
    {
      element: <Shell />,
      children: [
        { path: '/', element: <Navigate to="/conversations" replace /> },
        ...pages.map(route),
        { path: '*', element: <NotFound /> },
      ],
    },
  ]);
