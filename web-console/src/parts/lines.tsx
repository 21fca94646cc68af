import type { ReactNode } from "react";

/** Several messages about one field, each on a line of its own. */
export function lines(messages: string[]): ReactNode {
  return messages.map((message) => (
    <span key={message} style={{ display: "block" }}>
      {message}
    </span>
  ));
}
