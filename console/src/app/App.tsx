/** The console: somebody signs in, then the pages are theirs. Another person starts from nothing (the key). */
import { useState } from 'react';
import { RouterProvider } from 'react-router';
import { ApiProvider } from '../api/ApiProvider';
import { SignIn } from '../auth/SignIn';
import { SignInAgain } from '../auth/SignInAgain';
import { useSession } from '../auth/useSession';
import { ViewerGate } from '../auth/ViewerGate';
import { newRouter } from './router';

export function App() {
  const { state } = useSession();
  return state.person === null ? <SignIn /> : <SignedIn key={state.person} />;
}

function SignedIn() {
  const [router] = useState(newRouter);
  return (
    <ApiProvider>
      <ViewerGate>
        <RouterProvider router={router} />
      </ViewerGate>
      <SignInAgain />
    </ApiProvider>
  );
}
