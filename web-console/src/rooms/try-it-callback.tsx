import { Alert, Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useSpeech } from "../i18n";
import { LinkButton } from "../parts/link";
import { Outside } from "../parts/outside";
import { Page, Panel } from "../parts/page";
import type { Check } from "../try-it/checks";
import { askUserinfo, complete, introspect, renew, revoke, signOutUrl, type Outcome, type Step, type Tokens } from "../try-it/run";
import { take, type Metadata, type Trial } from "../try-it/trial";
import { Steps } from "./try-it/steps";
import { TokenPanel } from "./try-it/token";

/** Every check of tokens and requests that is not right. */
function failures(steps: Step[], tokens?: Tokens): Check[] {
  const all = [...steps, tokens?.idToken, tokens?.accessToken].flatMap((part) => part?.checks ?? []);
  return all.filter(({ ok }) => !ok);
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** The word of OAuth for what went wrong, and the server's own words. */
function errorOf(steps: Step[]): { code?: string; description?: string } {
  const last = steps.at(-1);
  const said =
    last?.kind === "callback"
      ? Object.fromEntries(last.pairs)
      : ((typeof last?.answer?.body === "object" ? last.answer.body : {}) as Record<string, unknown> | null);
  return { code: text(said?.error), description: text(said?.error_description) };
}

function Verdict({ outcome, steps, tokens }: { outcome: Outcome; steps: Step[]; tokens?: Tokens }) {
  const { t } = useSpeech();
  const words = t.tryIt;
  const { end } = outcome;
  if (end === undefined) {
    const wrong = failures(steps, tokens).length > 0;
    return (
      <Alert
        role="status"
        color={wrong ? "red" : "teal"}
        icon={wrong ? <IconCircleX aria-hidden /> : <IconCircleCheck aria-hidden />}
        title={wrong ? words.someWrong : words.allGood}
      >
        {wrong && words.someWrongHint}
      </Alert>
    );
  }
  const meanings: Partial<Record<string, string>> = words.errors;
  const { code, description } = end === "refused" || end === "failed" ? errorOf(steps) : {};
  return (
    <Alert role="alert" color="red" icon={<IconCircleX aria-hidden />} title={words.ends[end]} data-end={end}>
      <Stack gap={4}>
        <Text size="sm">{words.endHints[end]}</Text>
        {code !== undefined && (
          <Text size="sm" data-error={code}>
            <b>{code}</b> {meanings[code] ?? ""}
          </Text>
        )}
        {description !== undefined && <Text size="sm">{description}</Text>}
      </Stack>
    </Alert>
  );
}

interface Had {
  trial: Trial;
  metadata: Metadata;
  tokens: Tokens;
}

function Next({ had, onStep }: { had: Had; onStep: (steps: Step[], tokens?: Tokens) => void }) {
  const { t } = useSpeech();
  const words = t.tryIt;
  const { trial, metadata, tokens } = had;
  const act = useMutation({
    mutationFn: async (what: "userinfo" | "renew" | "revoke" | "introspect") => {
      if (what === "renew") return renew(trial, metadata, tokens);
      const ask = { userinfo: () => askUserinfo(metadata, tokens), revoke: () => revoke(trial, metadata, tokens), introspect: () => introspect(trial, metadata, tokens) };
      return { steps: [await ask[what]()], tokens };
    },
    onSuccess: ({ steps, tokens: got }) => onStep(steps, got),
  });
  const keepsSecret = (trial.asked.proof ?? "none") !== "none";
  const acts = [
    ["userinfo", words.askUserinfo, true],
    ["renew", words.renew, tokens.refresh !== undefined],
    ["introspect", words.introspect, keepsSecret],
    ["revoke", words.revoke, true],
  ] as const;
  return (
    <Panel title={words.next} hint={words.nextHint}>
      <Stack>
        <Group gap="xs">
          {acts.map(
            ([what, label, shown]) =>
              shown && (
                <Button
                  key={what}
                  variant="default"
                  disabled={act.isPending && act.variables !== what}
                  loading={act.isPending && act.variables === what}
                  onClick={() => act.mutate(what)}
                >
                  {label}
                </Button>
              ),
          )}
          {tokens.id !== undefined && (
            <Button variant="default" onClick={() => window.location.assign(signOutUrl(metadata, tokens))}>
              {words.signOut}
            </Button>
          )}
        </Group>
        {tokens.id !== undefined && (
          <Text size="sm" c="dimmed">
            {words.signOutHint}
          </Text>
        )}
        {keepsSecret && (
          <Text size="sm" c="dimmed">
            {words.secretGone}
          </Text>
        )}
      </Stack>
    </Panel>
  );
}

function Result({ outcome }: { outcome: Outcome }) {
  const { t } = useSpeech();
  const words = t.tryIt;
  const [steps, setSteps] = useState(outcome.steps);
  const [tokens, setTokens] = useState(outcome.tokens);
  const { trial, metadata } = outcome;
  return (
    <Stack>
      <Verdict outcome={outcome} steps={steps} tokens={tokens} />
      <Panel title={words.steps} hint={words.hiddenHint}>
        <Steps trial={trial} steps={steps} />
      </Panel>
      {tokens?.id !== undefined && (
        <TokenPanel key={tokens.id} title={words.idToken} hint={words.idTokenHint} token={tokens.idToken} raw={tokens.id} />
      )}
      {tokens !== undefined && (
        <TokenPanel
          key={tokens.access}
          title={words.accessToken}
          hint={words.accessTokenHint}
          token={tokens.accessToken}
          raw={tokens.access}
        />
      )}
      {trial !== undefined && metadata !== undefined && tokens !== undefined && (
        <Next
          had={{ trial, metadata, tokens }}
          onStep={(more, got) => {
            setSteps((known) => [...known, ...more]);
            setTokens(got);
          }}
        />
      )}
      {trial !== undefined && (
        <Group>
          <LinkButton to="/try-it" search={trial.asked}>
            {words.again}
          </LinkButton>
          <LinkButton to="/applications/$name" params={{ name: trial.asked.client_id ?? "" }} search={{ tab: "try" }} variant="default">
            {words.toApplication}
          </LinkButton>
        </Group>
      )}
    </Stack>
  );
}

/** Where somebody comes back to: ends the sign-in that this tab began, once, and shows all of it. */
export function TryItCallback() {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const [answer] = useState(() => window.location.search);
  const ended = useQuery({
    queryKey: ["try-it", "end", answer],
    queryFn: () => complete(take(), new URLSearchParams(answer)),
    staleTime: Infinity,
    // Tokens, and what was typed to get them, stay nowhere when this page is left.
    gcTime: 0,
    retry: false,
  });
  const isDone = ended.data !== undefined;
  useEffect(() => {
    // What came back is used up; it stays in no address that somebody copies.
    if (isDone) void navigate({ to: "/try-it/callback", search: {}, replace: true });
  }, [isDone, navigate]);
  const clientId = ended.data?.trial?.asked.client_id;
  return (
    <Outside>
      <Page title={clientId === undefined ? t.tryIt.result : t.tryIt.resultOf(clientId)} hint={t.tryIt.hint}>
        {ended.data === undefined ? (
          <Skeleton height={320} radius="lg" role="status" aria-label={t.common.loading} />
        ) : (
          <Result outcome={ended.data} />
        )}
      </Page>
    </Outside>
  );
}
