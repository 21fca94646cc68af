import { Button, Code, Group, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api, body } from "../../api/client";
import { bounceSecretQuery } from "../../api/queries";
import { useSpeech } from "../../i18n";
import { ConfirmedAct } from "../../parts/confirm";
import { CopyText } from "../../parts/copy";
import { Moment } from "../../parts/moment";
import { Facts, Panel } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { ShownOnce } from "../../parts/shown-once";
import { useMay } from "../../shell/session";

const PATH = "/notifiers/default-email-notifier/bounce-secret";

const moment = (name: string, at: string): [string, ReactNode] => [name, <Moment key={name} at={at} />];

/** Where mail providers report what came back, and the secret that they sign with. */
export function Bounces() {
  const { t } = useSpeech();
  const words = t.senders.bounces;
  const may = useMay();
  const client = useQueryClient();
  const secret = useQuery(bounceSecretQuery);
  const changed = async () => {
    void client.invalidateQueries({ queryKey: ["audit"] });
    await client.invalidateQueries({ queryKey: bounceSecretQuery.queryKey });
  };
  const create = useMutation({ mutationFn: () => body(api.POST(PATH)), onSettled: changed });
  if (secret.data === undefined) return null;
  const { url, setAt, previousUntil } = secret.data;
  return (
    <Panel title={words.title} hint={words.hint}>
      <Stack>
        <Facts
          facts={[
            [
              words.url,
              <Code key="url" style={{ overflowWrap: "anywhere" }}>
                {url}
              </Code>,
            ],
            setAt === undefined ? [words.set, words.none] : moment(words.set, setAt),
            ...(previousUntil === undefined ? [] : [moment(words.previous, previousUntil)]),
          ]}
        />
        <div role="status">
          {create.isSuccess && (
            <ShownOnce title={words.made} hint={words.shown} label={words.secret} value={create.data.secret} />
          )}
          {create.isError && <ProblemAlert error={create.error} />}
        </div>
        <Group gap="xs">
          <CopyText value={url} label={words.copyUrl} />
          {may("notifiers/bounce-secret:create") && (
            <Button variant="default" loading={create.isPending} onClick={() => create.mutate()}>
              {setAt === undefined ? words.create : words.rotate}
            </Button>
          )}
          {may("notifiers/bounce-secret:delete") && setAt !== undefined && (
            <ConfirmedAct
              label={words.remove}
              title={words.removeTitle}
              what={words.removeWhat}
              act={() => body(api.DELETE(PATH))}
              done={words.removed}
              onDone={async () => {
                create.reset();
                await changed();
              }}
            />
          )}
        </Group>
      </Stack>
    </Panel>
  );
}
