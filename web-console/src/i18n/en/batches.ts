import { count } from "./count";

export const batches = {
  batches: {
    role: "Role",
    check: "See what it comes to",
    checking: "It is tried out",
    checked: "Nothing was changed yet. It would come to this:",
    done: "It is done.",
    failed: "It ended before it came to everybody",
    stopped: "It was stopped",
    kept: "What was done stays.",
    progress: (done: string, total: string) => `${done} of ${total} had their turn`,
    match: "Match",
    wouldChange: "To be changed",
    changed: "Changed",
    unchanged: "As they should be already",
    rejected: "Refused",
    rejections: "Whom it was refused for",
    name: "User",
    why: "Why",
    more: (shown: string) => `${shown} more are in the report of the API.`,
    what: {
      enable: (n: number, shown: string) => `${count(n, shown, "user", "users")} will be able to sign in again.`,
      disable: (n: number, shown: string) => `${count(n, shown, "user", "users")} will be signed out everywhere and cannot sign in until enabled again.`,
      grant: (n: number, shown: string) => `${count(n, shown, "user", "users")} will get the role besides those they have.`,
      revoke: (n: number, shown: string) => `${count(n, shown, "user", "users")} will have the role no more.`,
      signOut: (n: number, shown: string) => `${count(n, shown, "user", "users")} will be signed out everywhere.`,
      delete: (n: number, shown: string) => `${count(n, shown, "user", "users")} will be deleted with everything of theirs. This cannot be undone. What they did stays in the audit trail.`,
    },
  },
} as const;
