import { Alert, Button, Group, PasswordInput, Skeleton, Stack } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { published } from "../api/client";
import { useSpeech } from "../i18n";
import { CopyText } from "../parts/copy";
import { Outside } from "../parts/outside";
import { Page, Panel } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { begin, keep, type Asked, type Trial } from "../try-it/trial";
import { AtIssuer } from "./try-it/at-issuer";
import { Pairs } from "./try-it/pairs";

function Request({ trial }: { trial: Trial }) {
  const { t } = useSpeech();
  const words = t.tryIt;
  const needsSecret = (trial.asked.proof ?? "none") !== "none";
  const [secret, setSecret] = useState("");
  const [error, setError] = useState<string>();
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const typed = secret.trim();
        if (needsSecret && typed === "") return setError(words.secretMissing);
        keep({ ...trial, at: Date.now(), ...(needsSecret && { secret: typed }) });
        window.location.assign(trial.url);
      }}
    >
      <Stack>
        <Panel
          title={words.request}
          hint={words.requestHint}
          aside={<CopyText value={trial.url} label={words.copyAddress} />}
        >
          <Pairs label={words.request} pairs={[...new URL(trial.url).searchParams]} />
        </Panel>
        {needsSecret && (
          <Panel title={words.secret} hint={words.secretHint}>
            <PasswordInput
              label={words.secret}
              autoComplete="off"
              visibilityToggleButtonProps={{ "aria-label": t.signIn.show }}
              value={secret}
              error={error}
              aria-invalid={error !== undefined}
              onChange={(event) => {
                setSecret(event.currentTarget.value);
                setError(undefined);
              }}
            />
          </Panel>
        )}
        <Group>
          <Button type="submit" rightSection={<IconArrowRight size={16} aria-hidden />}>
            {words.go}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Begun({ asked }: { asked: Asked }) {
  const { t } = useSpeech();
  const begun = useQuery({
    queryKey: ["try-it", "begin", asked],
    queryFn: async ({ signal }) => begin(asked, await published(signal)),
    // The request stays the one that is shown.
    staleTime: Infinity,
    gcTime: 0,
    enabled: window.isSecureContext,
  });
  if (!window.isSecureContext) return <Alert color="yellow">{t.tryIt.insecure}</Alert>;
  if (begun.data !== undefined) {
    return (
      <AtIssuer issuer={begun.data.issuer} path={`/try-it${window.location.search}`}>
        <Request trial={begun.data} />
      </AtIssuer>
    );
  }
  if (begun.isError) return <ProblemAlert error={begun.error} onRetry={() => void begun.refetch()} />;
  return <Skeleton height={320} radius="lg" role="status" aria-label={t.common.loading} />;
}

/** Begins a sign-in to an application, in this tab. Needs nobody to be signed in, so that it can be opened as anybody. */
export function TryIt() {
  const { t } = useSpeech();
  const asked = useSearch({ from: "/try-it" });
  return (
    <Outside>
      <Page title={asked.client_id === undefined ? t.tryIt.start : t.tryIt.startOf(asked.client_id)} hint={t.tryIt.hint}>
        {asked.client_id === undefined ? <Alert color="yellow">{t.tryIt.noClient}</Alert> : <Begun asked={asked} />}
      </Page>
    </Outside>
  );
}
