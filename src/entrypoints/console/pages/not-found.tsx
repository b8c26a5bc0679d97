import { useWords } from '../language.ts';
import { Heading } from '../parts/heading.tsx';

/** The address leads nowhere. */
export function NotFoundPage() {
  const { notFound } = useWords();
  return (
    <>
      <Heading title={notFound.title} />
      <p class="lead">{notFound.hint}</p>
    </>
  );
}
