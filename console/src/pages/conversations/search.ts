/**
 * What is searched for that is, or may be, personal data: phone numbers, addresses, values of metadata. It is kept in the page state (this tab's memory), and never gets into
 * the address, the history or any storage.
 */
import type { MetadataFilter } from '../../api/generated/graphql';

export interface Search {
  phone: string;
  address: string;
  metadata: MetadataFilter[];
}

export const nothing: Search = { phone: '', address: '', metadata: [] };

export const MOST_METADATA = 10;

export const isNothing = ({ phone, address, metadata }: Search): boolean => phone === '' && address === '' && metadata.length === 0;

/** The server looks for parts of at least three characters; what is wrong is said here before it is asked. */
export function phoneProblem(text: string): string | undefined {
  return text !== '' && text.replace(/\D/g, '').length < 3 ? 'Enter at least 3 digits' : undefined;
}

export function addressProblem(text: string): string | undefined {
  const letters = text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  if (text === '' || ([...text].length >= 3 && letters >= 2)) return undefined;
  return 'Enter at least 3 characters, including 2 letters or digits';
}

/** withMetadata adds a value that is looked for; the same one is not added twice. */
export function withMetadata(search: Search, wanted: MetadataFilter): Search {
  if (search.metadata.some(({ key, value }) => key === wanted.key && value === wanted.value)) return search;
  return { ...search, metadata: [...search.metadata, wanted] };
}

export const withoutMetadata = (search: Search, at: number): Search => ({ ...search, metadata: search.metadata.toSpliced(at, 1) });
