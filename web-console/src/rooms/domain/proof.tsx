import { Alert, Button, Code, Group, List, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconX } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import { problemOf, type Problem } from "../../api/problem";
import type { Domain } from "../../api/types";
import { useSpeech } from "../../i18n";
import { DnsRecord } from "../../parts/dns-record";
import { Panel } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { useMay } from "../../shell/session";

/** Has what is known of domains asked for anew. */
export function useDomainsChanged(): () => Promise<void> {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: ["audit"] });
    void client.invalidateQueries({ queryKey: ["quotas"] });
    return client.invalidateQueries({ queryKey: ["domains"] });
  };
}

/** What was asked, and what each name server said. */
function NotProven({ problem }: { problem: Problem }) {
  const { t } = useSpeech();
  const words = t.domains;
  const said = (field: string) => problem.errors.filter((entry) => entry.field === field);
  return (
    <Alert color="red" icon={<IconX aria-hidden />} title={words.notProven}>
      <Stack gap="xs">
        {said("asked").map(({ detail }) => (
          <Text size="sm" key={detail}>
            {words.asked} <Code style={{ overflowWrap: "anywhere" }}>{detail}</Code>
          </Text>
        ))}
        <List size="sm" aria-label={words.found}>
          {said("found").map(({ detail }) => (
            <List.Item key={detail} style={{ overflowWrap: "anywhere" }}>
              {detail}
            </List.Item>
          ))}
        </List>
        <Text size="sm">{words.notProvenHint}</Text>
      </Stack>
    </Alert>
  );
}

/** The record that proves a domain, and whether it is there. */
export function Proof({ domain }: { domain: Domain }) {
  const { t, format } = useSpeech();
  const words = t.domains;
  const may = useMay();
  const changed = useDomainsChanged();
  const { name } = domain.metadata;
  const { record, state, failingSince } = domain.status;
  const verify = useMutation({
    mutationFn: () => body(api.POST("/domains/{name}/verify", { params: { path: { name } } })),
    // One that is not proven was looked at as well.
    onSettled: changed,
  });
  const problem = verify.isError ? problemOf(verify.error) : undefined;
  const unproven = problem?.code === "domain_not_proven" ? problem : undefined;
  return (
    <Panel title={words.proof} hint={words.stateHints[state]}>
      <Stack>
        {failingSince !== undefined && (
          <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={words.failingSince(format.exact(failingSince))}>
            {domain.status.problem}
          </Alert>
        )}
        <DnsRecord name={record.name} value={record.value} />
        <div role="status">
          {verify.isSuccess && <Alert color="teal" icon={<IconCheck aria-hidden />} title={words.proven} />}
          {unproven !== undefined && <NotProven problem={unproven} />}
          {verify.isError && unproven === undefined && <ProblemAlert error={verify.error} />}
        </div>
        {may("domains:verify") && (
          <Group>
            <Button variant={state === "verified" ? "default" : "filled"} loading={verify.isPending} onClick={() => verify.mutate()}>
              {words.verify}
            </Button>
          </Group>
        )}
      </Stack>
    </Panel>
  );
}
