import { Alert, Badge, Button, Group, NativeSelect, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconKey, IconRefresh } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, body } from "../api/client";
import { tenantQuery } from "../api/first-queries";
import { signingKeysQuery } from "../api/queries";
import type { SigningAlgorithm, SigningKey } from "../api/types";
import { useSpeech } from "../i18n";
import { ConfirmForm } from "../parts/confirm";
import { Modal } from "../parts/dialog";
import { Empty } from "../parts/empty";
import { Listing, type Column } from "../parts/listing";
import { Moment, When } from "../parts/moment";
import { Facts, Page, Panel } from "../parts/page";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { ALGORITHMS, KEY_STATES, pageAsked, type KeysSearch, type KeyState } from "./applications-search";

const COLOURS: Record<KeyState, string> = { next: "petrol", active: "teal", retiring: "yellow", retired: "gray" };

function State({ state }: { state: KeyState }) {
  const { t } = useSpeech();
  return <Badge color={COLOURS[state]}>{t.keys.states[state]}</Badge>;
}

/** Rotates keys, or withdraws those that others may know. */
function Rotate({ compromised }: { compromised: boolean }) {
  const { t } = useSpeech();
  const words = t.keys;
  const client = useQueryClient();
  const { data: tenant } = useQuery(tenantQuery);
  const [opened, { open, close }] = useDisclosure(false);
  const [algorithm, choose] = useState<SigningAlgorithm>();
  const rotate = useMutation({
    mutationFn: () => body(api.POST("/signing-keys/-/rotate", { body: { algorithm, compromised } })),
    onSuccess: async () => {
      notifications.show({ color: "teal", message: compromised ? words.withdrawn : words.rotated });
      void client.invalidateQueries({ queryKey: ["audit"] });
      await client.invalidateQueries({ queryKey: ["signing-keys"] });
      close();
    },
  });
  return (
    <>
      <Button
        variant={compromised ? "default" : "filled"}
        leftSection={compromised ? <IconAlertTriangle size={16} aria-hidden /> : <IconRefresh size={16} aria-hidden />}
        onClick={() => {
          rotate.reset();
          choose(undefined);
          open();
        }}
      >
        {compromised ? words.compromised : words.rotate}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={compromised ? words.compromisedTitle : words.rotateTitle}
        closeButtonProps={{ "aria-label": t.common.close }}
      >
        <ConfirmForm
          label={compromised ? words.withdraw : words.rotate}
          colour={compromised ? undefined : "petrol"}
          expected={compromised ? tenant?.name : undefined}
          pending={rotate.isPending}
          error={rotate.error ?? undefined}
          onConfirm={() => rotate.mutate()}
          onClose={close}
          what={
            <Stack>
              {compromised ? (
                <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={words.compromisedWarning}>
                  {words.compromisedWhat}
                </Alert>
              ) : (
                <Text size="sm">{words.rotateWhat}</Text>
              )}
              <NativeSelect
                label={words.which}
                value={algorithm ?? ""}
                data={[{ value: "", label: words.all }, ...ALGORITHMS]}
                onChange={({ currentTarget: { value } }) => choose(ALGORITHMS.find((known) => known === value))}
              />
            </Stack>
          }
        />
      </Modal>
    </>
  );
}

const moment = (at: string | undefined) => (at === undefined ? "–" : <When at={at} />);

function useColumns(): Column<SigningKey>[] {
  const { t } = useSpeech();
  return [
    { label: t.keys.id, cell: ({ metadata }) => <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>{metadata.name}</Text> },
    { label: t.keys.algorithm, cell: ({ spec }) => spec.algorithm },
    { label: t.keys.state, cell: ({ status }) => <State state={status.state} /> },
    { label: t.keys.made, cell: ({ metadata }) => <Moment at={metadata.creationTimestamp} /> },
    { label: t.keys.activates, cell: ({ status }) => moment(status.activatesAt) },
    { label: t.keys.retires, cell: ({ status }) => moment(status.retiresAt) },
    { label: t.keys.removed, cell: ({ status }) => moment(status.removedAt) },
  ];
}

function All() {
  const { t } = useSpeech();
  const words = t.keys;
  const may = useMay();
  const search = useSearch({ from: "/inside/keys" });
  const navigate = useNavigate({ from: "/keys" });
  const { algorithm, state } = search;
  const list = useQuery(signingKeysQuery(pageAsked(search, { "spec.algorithm": algorithm, "status.state": state })));
  const go = (change: Partial<KeysSearch>, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  const columns = useColumns();
  return (
    <Page
      title={words.title}
      hint={words.hint}
      actions={
        may("signing-keys:rotate") && (
          <>
            <Rotate compromised={false} />
            <Rotate compromised />
          </>
        )
      }
    >
      <Group gap="xs" mb="sm">
        <NativeSelect
          aria-label={words.algorithm}
          value={algorithm ?? ""}
          data={[{ value: "", label: words.anyAlgorithm }, ...ALGORITHMS]}
          onChange={({ currentTarget: { value } }) => go({ algorithm: ALGORITHMS.find((known) => known === value), page: undefined }, true)}
        />
        <NativeSelect
          aria-label={words.state}
          value={state ?? ""}
          data={[{ value: "", label: words.anyState }, ...KEY_STATES.map((value) => ({ value, label: words.states[value] }))]}
          onChange={({ currentTarget: { value } }) => go({ state: KEY_STATES.find((known) => known === value), page: undefined }, true)}
        />
      </Group>
      <Stack>
        <Listing
          label={words.table}
          list={list}
          columns={columns}
          search={search}
          onPage={(change) => go(change)}
          empty={<Empty icon={<IconKey />} title={words.none} />}
        />
        <Panel title={words.life}>
          <Facts facts={KEY_STATES.map((known) => [words.states[known], words.stateHints[known]])} />
        </Panel>
      </Stack>
    </Page>
  );
}

/** The keys that the tenant signs tokens with. */
export function Keys() {
  const may = useMay();
  return (
    <Guarded allowed={may("signing-keys:list")}>
      <All />
    </Guarded>
  );
}
