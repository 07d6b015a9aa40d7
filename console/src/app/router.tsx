/** Which page stands at which address. */
import { createBrowserRouter, Navigate, type RouteObject } from 'react-router';
import { NotFound } from './NotFound';
import { PageFailed } from './PageFailed';
import { pages, type PageEntry } from './pages';
import { RequireRole } from './RequireRole';
import { Shell } from './Shell';

function route({ path, role, load }: PageEntry): RouteObject {
  return {
    path,
    errorElement: <PageFailed />,
    lazy: async () => {
      const { default: Content } = await load();
      return {
        element: (
          <RequireRole role={role}>
            <Content />
          </RequireRole>
        ),
      };
    },
  };
}

export const newRouter = () =>
  createBrowserRouter([
    {
      element: <Shell />,
      hydrateFallbackElement: <></>,
      children: [
        { path: '/', element: <Navigate to="/conversations" replace /> },
        ...pages.map(route),
        { path: '*', element: <NotFound /> },
      ],
    },
  ]);
