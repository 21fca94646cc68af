import { Button, NativeSelect, Stack, TextInput, Group } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { IconLogin2, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, body } from "../api/client";
import { fieldErrors, problemOf, type FieldProblem } from "../api/problem";
import { providersQuery } from "../api/queries";
import type { ProviderConfig } from "../api/types";
import { useSpeech } from "../i18n";
import { Modal } from "../parts/dialog";
import { Empty } from "../parts/empty";
import { LinkText } from "../parts/link";
import { Listing, type Column } from "../parts/listing";
import { Moment } from "../parts/moment";
import { Page } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { pageAsked, type ProvidersSearch } from "./applications-search";
import { StateBadge } from "./provider/state";

/** Which field a refusal is about. */
const CODES = {
  provider_name_taken: "name",
  issuer_unreachable: "issuer",
  issuer_mismatch: "issuer",
  endpoint_refused: "issuer",
} as const;

function Form({ onClose }: { onClose: () => void }) {
  const { t } = useSpeech();
  const words = t.providers;
  const client = useQueryClient();
  const navigate = useNavigate();
  const [others, setOthers] = useState<FieldProblem[]>([]);
  const form = useForm({
    initialValues: { kind: "oidc" as ProviderConfig["spec"]["kind"], displayName: "", name: "", issuer: "" },
    validate: { displayName: (value) => (value.trim() === "" ? t.user.displayNameMissing : null) },
  });
  const create = useMutation({
    mutationFn: ({ kind, displayName, name, issuer }: typeof form.values) =>
      body(
        api.POST("/auth-provider-configs", {
          body: {
            metadata: { name: name.trim() },
            spec: { kind, displayName: displayName.trim(), issuer: kind !== "oidc" || issuer.trim() === "" ? undefined : issuer.trim() },
          },
        }),
      ),
    onSuccess: ({ metadata, spec }) => {
      notifications.show({ color: "teal", message: words.made(spec.displayName) });
      void client.invalidateQueries({ queryKey: ["audit"] });
      void client.invalidateQueries({ queryKey: ["providers"] });
      void navigate({ to: "/sign-in-methods/$name", params: { name: metadata.name } });
    },
    onError: (error) => {
      const said = fieldErrors(problemOf(error), ["displayName", "name", "issuer"], CODES);
      form.setErrors(said.fields);
      setOthers(said.others);
    },
  });
  // Of a maker there is mostly one, called as the maker is.
  const choose = (kind: typeof form.values.kind) => {
    const isMaker = kind !== "oidc" && kind !== "oauth2";
    form.setValues({ kind, displayName: isMaker ? words.kinds[kind] : "", name: isMaker ? kind : "" });
  };
  return (
    <form noValidate onSubmit={form.onSubmit((values) => create.mutate(values))}>
      <Stack>
        {create.isError && <ProblemAlert error={create.error} others={others} />}
        <NativeSelect
          label={words.kind}
          data={Object.entries(words.kinds).map(([value, label]) => ({ value, label }))}
          {...form.getInputProps("kind")}
          onChange={(event) => choose(event.currentTarget.value as typeof form.values.kind)}
        />
        <TextInput
          label={words.displayName}
          description={words.displayNameHint}
          required
          autoComplete="off"
          data-autofocus
          maxLength={100}
          {...form.getInputProps("displayName")}
        />
        <TextInput
          label={words.name}
          description={words.nameHint}
          placeholder="corp"
          required
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={63}
          {...form.getInputProps("name")}
        />
        {form.values.kind === "oidc" && (
          <TextInput
            label={words.issuer}
            description={words.issuerHint}
            placeholder="https://login.example.com"
            type="url"
            autoComplete="off"
            spellCheck={false}
            maxLength={500}
            {...form.getInputProps("issuer")}
          />
        )}
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {words.create}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function useColumns(): Column<ProviderConfig>[] {
  const { t, format } = useSpeech();
  const words = t.providers;
  const may = useMay();
  return [
    {
      label: words.displayName,
      cell: ({ metadata: { name }, spec }) =>
        may("auth-provider-configs:get") ? (
          <LinkText to="/sign-in-methods/$name" params={{ name }} size="sm" fw={560} c="inherit">
            {spec.displayName}
          </LinkText>
        ) : (
          spec.displayName
        ),
    },
    { label: words.name, cell: ({ metadata }) => metadata.name },
    { label: words.kind, cell: ({ spec }) => words.kinds[spec.kind] },
    { label: words.state, cell: (provider) => <StateBadge provider={provider} /> },
    { label: words.priority, cell: ({ spec }) => format.number(spec.priority) },
    {
      label: words.lastSuccess,
      cell: ({ status }) => (status.lastSuccessAt === undefined ? "–" : <Moment at={status.lastSuccessAt} />),
    },
  ];
}

function All() {
  const { t } = useSpeech();
  const words = t.providers;
  const may = useMay();
  const search = useSearch({ from: "/inside/sign-in-methods" });
  const navigate = useNavigate({ from: "/sign-in-methods" });
  const list = useQuery(providersQuery({ ...pageAsked(search, {}), sort: ["spec.priority,asc"] }));
  const go = (change: Partial<ProvidersSearch>, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  const close = () => go({ create: undefined }, true);
  const columns = useColumns();
  return (
    <Page
      title={t.shell.providers}
      hint={words.hint}
      actions={
        may("auth-provider-configs:create") && (
          <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => go({ create: "1" })}>
            {words.create}
          </Button>
        )
      }
    >
      <Listing
        label={words.table}
        list={list}
        columns={columns}
        search={search}
        onOpen={
          may("auth-provider-configs:get")
            ? ({ metadata: { name } }) => void navigate({ to: "/sign-in-methods/$name", params: { name } })
            : undefined
        }
        onPage={(change) => go(change)}
        empty={<Empty icon={<IconLogin2 />} title={words.none} hint={words.noneHint} />}
      />
      {may("auth-provider-configs:create") && (
        <Modal
          opened={search.create !== undefined}
          onClose={close}
          title={words.create}
          closeOnClickOutside={false}
          closeButtonProps={{ "aria-label": t.common.close }}
        >
          <Form onClose={close} />
        </Modal>
      )}
    </Page>
  );
}

/** The providers that people sign in through. */
export function Providers() {
  const may = useMay();
  return (
    <Guarded allowed={may("auth-provider-configs:list")}>
      <All />
    </Guarded>
  );
}
