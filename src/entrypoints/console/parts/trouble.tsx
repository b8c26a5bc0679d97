import { Problem, Unreachable } from '../api.ts';
import { useWords } from '../language.ts';
import { Heading } from './heading.tsx';

/** What cannot be done, why, and what to do. */
export function Trouble({ problem, children }: { readonly problem: Problem; readonly children?: preact.ComponentChildren }) {
  const { problems } = useWords();
  const [title, hint] = problems?.[problem.code] ?? [problem.title, problem.hint];
  return (
    <div role="alert" class="trouble">
      <h2>{title}</h2>
      {problem.detail !== undefined && problem.detail !== title && <p>{problem.detail}</p>}
      <p>{hint}</p>
      {children}
    </div>
  );
}

/** A page that cannot be shown: why, and what to do. */
export function TroublePage({ problem }: { readonly problem: Problem }) {
  const { problems } = useWords();
  const [title, hint] = problems?.[problem.code] ?? [problem.title, problem.hint];
  return (
    <div class="trouble-page">
      <Heading title={title} />
      {problem.detail !== undefined && problem.detail !== title && <p class="lead">{problem.detail}</p>}
      <p class="lead">{hint}</p>
    </div>
  );
}

/** The problem that an error is. Without an answer there is none to show: the banner says that the connection is lost. */
export function problemIn(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof Unreachable) return undefined;
  throw error;
}
