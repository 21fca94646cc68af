import { Alert, Button, Code, List, Skeleton, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertTriangle, IconCheck, IconExternalLink } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api, body } from "../../api/client";
import type { Domain, TenantMove } from "../../api/types";
import { useSpeech } from "../../i18n";
import { ConfirmForm } from "../../parts/confirm";
import { Modal } from "../../parts/dialog";
import { Facts } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { useDomainsChanged } from "./proof";

const names = (label: string, of: string[]): [string, ReactNode] => [label, <Names key={label} label={label} of={of} />];

function Names({ label, of }: { label: string; of: string[] }) {
  const { t } = useSpeech();
  if (of.length === 0) return <>{t.common.none}</>;
  return (
    <List size="sm" aria-label={label}>
      {of.map((name) => (
        <List.Item key={name} style={{ overflowWrap: "anywhere" }}>
          <Code>{name}</Code>
        </List.Item>
      ))}
    </List>
  );
}

/** What depends on the address of the tenant. */
function Reported({ move }: { move: TenantMove }) {
  const { t, format } = useSpeech();
  const words = t.domains;
  return (
    <Stack>
      <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={words.moveWarning}>
        {words.moveWhat}
      </Alert>
      <Facts
        facts={[
          [words.from, move.from],
          [words.to, move.to],
          names(words.applications, move.applications),
          names(words.redirectUris, move.redirectUris),
          [words.invitations, format.number(move.invitations)],
        ]}
      />
    </Stack>
  );
}

/** The tenant is somewhere else now, where nobody is signed in yet. */
function Moved({ move }: { move: TenantMove }) {
  const { t } = useSpeech();
  const words = t.domains;
  return (
    <Stack>
      <Alert color="teal" role="status" icon={<IconCheck aria-hidden />} title={words.moved(move.to)}>
        {words.movedHint}
      </Alert>
      <Text size="sm">
        <Button component="a" href={`${move.to}/console/domains`} leftSection={<IconExternalLink size={16} aria-hidden />} data-autofocus>
          {words.goThere}
        </Button>
      </Text>
    </Stack>
  );
}

/** Has the tenant's addresses begin with a domain, or with that of the instance again, once it was read what depends on them. */
export function Move({ domain }: { domain: Domain }) {
  const { t } = useSpeech();
  const words = t.domains;
  const changed = useDomainsChanged();
  const [opened, { open, close }] = useDisclosure(false);
  const { name } = domain.metadata;
  const path = domain.status.canonical ? "/domains/{name}/make-alias" : "/domains/{name}/make-canonical";
  const ask = (confirm: boolean) => body(api.POST(path, { params: { path: { name } }, body: { confirm } }));
  const look = useMutation({ mutationFn: () => ask(false) });
  const move = useMutation({ mutationFn: () => ask(true) });
  const label = domain.status.canonical ? words.makeAlias : words.makeCanonical;
  const leave = () => {
    close();
    if (move.isSuccess) void changed();
  };
  return (
    <>
      <Button
        variant="default"
        onClick={() => {
          move.reset();
          look.mutate();
          open();
        }}
      >
        {label}
      </Button>
      <Modal opened={opened} onClose={leave} size="lg" title={words.moveOf(name)} closeButtonProps={{ "aria-label": t.common.close }}>
        {move.isSuccess ? (
          <Moved move={move.data} />
        ) : look.data === undefined ? (
          look.isError ? (
            <ProblemAlert error={look.error} onRetry={() => look.mutate()} />
          ) : (
            <Skeleton height={160} radius="lg" role="status" aria-label={t.common.loading} />
          )
        ) : (
          <ConfirmForm
            label={label}
            pending={move.isPending}
            error={move.error ?? undefined}
            onConfirm={() => move.mutate()}
            onClose={leave}
            what={<Reported move={look.data} />}
          />
        )}
      </Modal>
    </>
  );
}
