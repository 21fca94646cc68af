import { Alert, Anchor, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { consoleAddress } from "../../base";
import { useSpeech } from "../../i18n";

/** Shows what works at the tenant's canonical address alone, and the way there from any other one. */
export function AtIssuer({ issuer, path, children }: { issuer: string; path: string; children: ReactNode }) {
  const { t } = useSpeech();
  const there = `${issuer}/console`;
  if (there === consoleAddress(document.baseURI)) return children;
  return (
    <Alert color="yellow" title={t.tryIt.elsewhere}>
      <Text size="sm">{t.tryIt.elsewhereHint}</Text>
      <Anchor size="sm" href={there + path}>
        {t.tryIt.toIssuer}
      </Anchor>
    </Alert>
  );
}
