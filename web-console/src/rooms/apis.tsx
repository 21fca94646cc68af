import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { IconApi, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, body } from "../api/client";
import { fieldErrors, problemOf, type FieldProblem } from "../api/problem";
import { resourceServersQuery } from "../api/queries";
import type { ResourceServer } from "../api/types";
import { useSpeech } from "../i18n";
import { Modal } from "../parts/dialog";
import { Empty } from "../parts/empty";
import { LinkText } from "../parts/link";
import { Listing, type Column } from "../parts/listing";
import { Moment } from "../parts/moment";
import { Page } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { Search } from "../parts/search";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { pageAsked, type ApisSearch } from "./applications-search";

function Form({ onClose }: { onClose: () => void }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [others, setOthers] = useState<FieldProblem[]>([]);
  const form = useForm({
    initialValues: { displayName: "", audience: "" },
    validate: { displayName: (value) => (value.trim() === "" ? t.user.displayNameMissing : null) },
  });
  const create = useMutation({
    mutationFn: ({ displayName, audience }: typeof form.values) =>
      body(api.POST("/resource-servers", { body: { spec: { displayName: displayName.trim(), audience: audience.trim(), scopes: [] } } })),
    onSuccess: ({ metadata, spec }) => {
      notifications.show({ color: "teal", message: t.apis.made(spec.displayName) });
      void client.invalidateQueries({ queryKey: ["audit"] });
      void client.invalidateQueries({ queryKey: ["resource-servers"] });
      void navigate({ to: "/apis/$name", params: { name: metadata.name } });
    },
    onError: (error) => {
      const said = fieldErrors(problemOf(error), ["displayName", "audience"], { audience_taken: "audience" });
      form.setErrors(said.fields);
      setOthers(said.others);
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => create.mutate(values))}>
      <Stack>
        {create.isError && <ProblemAlert error={create.error} others={others} />}
        <TextInput
          label={t.apis.displayName}
          required
          autoComplete="off"
          data-autofocus
          maxLength={100}
          {...form.getInputProps("displayName")}
        />
        <TextInput
          label={t.apis.audience}
          description={t.apis.audienceHint}
          placeholder="https://orders.example.com"
          required
          type="url"
          autoComplete="off"
          spellCheck={false}
          maxLength={500}
          {...form.getInputProps("audience")}
        />
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t.apis.create}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function useColumns(): Column<ResourceServer>[] {
  const { t, format } = useSpeech();
  const may = useMay();
  return [
    {
      label: t.apis.name,
      cell: ({ metadata: { name }, spec }) =>
        may("resource-servers:get") ? (
          <LinkText to="/apis/$name" params={{ name }} size="sm" fw={560} c="inherit">
            {spec.displayName}
          </LinkText>
        ) : (
          spec.displayName
        ),
    },
    { label: t.apis.audience, cell: ({ spec }) => <span style={{ overflowWrap: "anywhere" }}>{spec.audience}</span> },
    { label: t.apis.scopes, cell: ({ spec }) => format.number(spec.scopes.length) },
    { label: t.apis.created, cell: ({ metadata }) => <Moment at={metadata.creationTimestamp} /> },
  ];
}

function All() {
  const { t, format } = useSpeech();
  const may = useMay();
  const search = useSearch({ from: "/inside/apis" });
  const navigate = useNavigate({ from: "/apis" });
  const { q, create } = search;
  const list = useQuery(resourceServersQuery(pageAsked(search, { "spec.audience": q })));
  const go = (change: Partial<ApisSearch>, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  const close = () => go({ create: undefined }, true);
  const columns = useColumns();
  return (
    <Page
      title={t.apis.title}
      hint={t.apis.hint}
      actions={
        may("resource-servers:create") && (
          <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => go({ create: "1" })}>
            {t.apis.create}
          </Button>
        )
      }
    >
      <Group mb="sm" justify="space-between">
        <Search
          label={t.apis.search}
          value={q ?? ""}
          onSearch={(typed) => go({ q: typed === "" ? undefined : typed, page: undefined }, true)}
        />
        <Text size="sm" c="dimmed" role="status">
          {list.isSuccess && t.apis.total(list.data.total, format.number(list.data.total))}
        </Text>
      </Group>
      <Listing
        label={t.apis.table}
        list={list}
        columns={columns}
        search={search}
        onOpen={
          may("resource-servers:get") ? ({ metadata: { name } }) => void navigate({ to: "/apis/$name", params: { name } }) : undefined
        }
        onPage={(change) => go(change)}
        empty={
          q === undefined ? (
            <Empty icon={<IconApi />} title={t.apis.none} hint={t.apis.noneHint} />
          ) : (
            <Empty icon={<IconApi />} title={t.apis.noMatch} hint={t.apis.noMatchHint} />
          )
        }
      />
      {may("resource-servers:create") && (
        <Modal
          opened={create !== undefined}
          onClose={close}
          title={t.apis.create}
          closeOnClickOutside={false}
          closeButtonProps={{ "aria-label": t.common.close }}
        >
          <Form onClose={close} />
        </Modal>
      )}
    </Page>
  );
}

/** The APIs that trust tokens of the tenant. */
export function Apis() {
  const may = useMay();
  return (
    <Guarded allowed={may("resource-servers:list")}>
      <All />
    </Guarded>
  );
}
