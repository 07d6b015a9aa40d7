import { act, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderUi } from '../testing/render';
import { PageState, PageStateContext, usePageState, useDropped } from './pageState';

function Field() {
  const [text, setText] = usePageState('field', '');
  const [dropped, seen] = useDropped('field');
  return (
    <>
      <input aria-label="field" value={text} onChange={(event) => setText(event.currentTarget.value)} />
      {dropped && <button onClick={seen}>dropped</button>}
    </>
  );
}

const show = (pageState: PageState) =>
  renderUi(
    <PageStateContext value={pageState}>
      <Field />
    </PageStateContext>,
  );

const field = () => screen.getByRole<HTMLInputElement>('textbox');

describe('the state of a page', () => {
  it('keeps what was put there for the next time', () => {
    const pageState = new PageState();
    pageState.set('field', '+420');
    const { unmount } = show(pageState);
    expect(field().value).toBe('+420');
    unmount();
    show(pageState);
    expect(field().value).toBe('+420');
  });

  it('drops it from the page as well, and says so until somebody has taken notice', () => {
    const pageState = new PageState();
    pageState.set('field', '+420');
    show(pageState);
    expect(screen.queryByText('dropped')).toBeNull();
    act(() => pageState.drop());
    expect(field().value).toBe('');
    act(() => screen.getByText('dropped').click());
    expect(screen.queryByText('dropped')).toBeNull();
  });

  it('says nothing where there was nothing', () => {
    const pageState = new PageState();
    pageState.set('field', '+420');
    pageState.set('field', undefined);
    pageState.drop();
    show(pageState);
    expect(screen.queryByText('dropped')).toBeNull();
  });
});
