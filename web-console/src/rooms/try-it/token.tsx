import { Stack, Table, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useSpeech } from "../../i18n";
import { CopyIcon, CopyText } from "../../parts/copy";
import { Instant } from "../../parts/instant";
import { Panel, Raw } from "../../parts/page";
import type { Claims } from "../../try-it/jwt";
import type { Token } from "../../try-it/run";
import { Checks } from "./checks";

/** Claims that are seconds since 1970. */
const TIMES = new Set(["exp", "iat", "nbf", "auth_time", "updated_at"]);

function Value({ name, value, now }: { name: string; value: unknown; now: number }) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (!TIMES.has(name) || typeof value !== "number") return text;
  return (
    <>
      {text} <Instant at={value * 1000} now={now} />
    </>
  );
}

/** What a token says, claim by claim; times as people read them as well. */
export function ClaimsTable({ label, claims, now }: { label: string; claims: Claims; now: number }) {
  const { t } = useSpeech();
  return (
    <Table.ScrollContainer minWidth={320} type="native">
      <Table verticalSpacing={6} aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t.tryIt.claim}</Table.Th>
            <Table.Th scope="col">{t.tryIt.value}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {Object.entries(claims).map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" ff="monospace" fw={500}>
                {name}
              </Table.Th>
              <Table.Td ff="monospace" style={{ overflowWrap: "anywhere" }}>
                <Value name={name} value={value} now={now} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
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
            <ClaimsTable label={words.claimsOf(title)} claims={token.jwt.claims} now={now} />
          </div>
        </Stack>
      )}
    </Panel>
  );
}
