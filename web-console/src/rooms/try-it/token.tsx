import { Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useSpeech } from "../../i18n";
import { CopyIcon, CopyText } from "../../parts/copy";
import { Instant } from "../../parts/instant";
import { Panel, Raw } from "../../parts/page";
import type { Token } from "../../try-it/run";
import { Checks } from "./checks";
import { Rows } from "./pairs";

/** Claims that are seconds since 1970. */
const TIMES = new Set(["exp", "iat", "nbf", "auth_time", "updated_at"]);

/** A claim; a time as people read it as well. */
function Value({ name, value, now }: { name: string; value: unknown; now: number }) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (!TIMES.has(name) || typeof value !== "number") return text;
  return (
    <>
      {text} <Instant at={value * 1000} now={now} />
    </>
  );
}

/** A token with all it says and all that was checked. */
export function TokenPanel({ title, hint, token, raw }: { title: string; hint: string; token?: Token; raw: string }) {
  const { t } = useSpeech();
  const words = t.tryIt;
  // When it was read: the table stays as it is while somebody reads it.
  const [now] = useState(() => Date.now());
  return (
    <Panel title={title} hint={hint} aside={<CopyText value={raw} label={words.copyToken} />}>
      {token === undefined ? (
        <Text size="sm">{words.opaque}</Text>
      ) : (
        <Stack>
          <Checks of={title} checks={token.checks} />
          <div>
            <Title order={3} size="h6" mb={4}>
              {words.header}
            </Title>
            <Raw
              value={token.jwt.header}
              label={`${title}: ${words.header}`}
              copy={<CopyIcon value={JSON.stringify(token.jwt.header)} label={t.common.copy} />}
            />
          </div>
          <div>
            <Title order={3} size="h6" mb={4}>
              {words.claims}
            </Title>
            <Rows
              label={words.claimsOf(title)}
              head={words.claim}
              rows={Object.entries(token.jwt.claims).map(([name, value]) => [name, <Value key={name} name={name} value={value} now={now} />])}
            />
          </div>
        </Stack>
      )}
    </Panel>
  );
}
