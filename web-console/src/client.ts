import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { problemOf } from "./api/problem";
import { sessionQuery } from "./api/first-queries";

/** The cache of what the server said; `onExpired` runs when it no longer knows who is asking. */
export function createClient(onExpired: () => void): QueryClient {
  const notice = (error: Error) => {
    const problem = problemOf(error);
    // A wrong password is also a 401, but about what was typed, not about the session.
    if (problem.status === 401 && problem.code !== "credentials_invalid") onExpired();
    // Somebody set this person's password meanwhile: the session says so, and the shell asks for another.
    if (problem.code === "password_change_required") void client.invalidateQueries(sessionQuery);
  };
  const client = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        // Nobody watches the session while the guard of the inner pages asks for it, and the guard redirects by itself.
        const guard = query.queryKey[0] === sessionQuery.queryKey[0] && query.getObserversCount() === 0;
        if (!guard) notice(error);
      },
    }),
    mutationCache: new MutationCache({ onError: (error) => notice(error) }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => {
          const { status } = problemOf(error);
          return failures < 1 && (status === 0 || status >= 500);
        },
      },
    },
  });
  return client;
}
