import { useSpeech } from "../i18n";

/** A point in time to the second, and how far it is from another one. */
export function Instant({ at, now }: { at: number; now: number }) {
  const { format } = useSpeech();
  const iso = new Date(at).toISOString();
  return (
    <time dateTime={iso} title={format.exact(iso)}>
      {format.second(iso)} ({format.distance(iso, now)})
    </time>
  );
}
