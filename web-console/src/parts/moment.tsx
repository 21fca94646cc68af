import { Tooltip } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { useFirstSpeech } from "../i18n";

const TICK = 30_000;
let now = Date.now();
let timer: number | undefined;
const watchers = new Set<() => void>();

/** One clock for all the times on a page, so that "3 minutes ago" does not stay true for an hour. */
function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  if (timer === undefined) {
    now = Date.now();
    timer = window.setInterval(() => {
      now = Date.now();
      for (const each of watchers) each();
    }, TICK);
  }
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) {
      window.clearInterval(timer);
      timer = undefined;
    }
  };
}

/** A point in time by its date; to the second and with its zone when pointed at. */
export function When({ at }: { at: string }) {
  const { format } = useFirstSpeech();
  return (
    <time dateTime={at} title={format.exact(at)}>
      {format.moment(at)}
    </time>
  );
}

/** A point in time as people say it; to the second and with its zone when pointed at. */
export function Moment({ at }: { at: string }) {
  const { format } = useFirstSpeech();
  const clock = useSyncExternalStore(watch, () => now);
  return (
    <Tooltip label={format.exact(at)}>
      <time dateTime={at} style={{ whiteSpace: "nowrap" }}>
        {format.ago(at, clock)}
      </time>
    </Tooltip>
  );
}
