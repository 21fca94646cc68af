import { Button, Group, Radio, Stack, TagsInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, body } from "../api/client";
import { fieldErrors, problemOf, type FieldProblem } from "../api/problem";
import { useSpeech } from "../i18n";
import { Modal } from "../parts/dialog";
import { ProblemAlert } from "../parts/problem";
import { MADE_PRESETS } from "./applications-search";

const FIELDS = ["preset", "name", "displayName", "redirectUris"] as const;

function Form({ onClose }: { onClose: () => void }) {
  const { t } = useSpeech();
  const words = t.applications;
  const client = useQueryClient();
  const navigate = useNavigate();
  const [others, setOthers] = useState<FieldProblem[]>([]);
  const form = useForm({
    initialValues: { preset: "web-server" as (typeof MADE_PRESETS)[number], displayName: "", name: "", redirectUris: [] as string[] },
  });
  const isMachine = form.values.preset === "machine";
  const create = useMutation({
    mutationFn: ({ preset, displayName, name, redirectUris }: typeof form.values) =>
      body(
        api.POST("/applications", {
          body: {
            preset,
            ...(name.trim() !== "" && { metadata: { name: name.trim() } }),
            spec: {
              ...(displayName.trim() !== "" && { displayName: displayName.trim() }),
              ...(!isMachine && { redirectUris }),
            },
          },
        }),
      ),
    onSuccess: ({ metadata, spec }) => {
      notifications.show({ color: "teal", message: words.made(spec.displayName) });
      void client.invalidateQueries({ queryKey: ["audit"] });
      void client.invalidateQueries({ queryKey: ["applications"] });
      void navigate({ to: "/applications/$name", params: { name: metadata.name } });
    },
    onError: (error) => {
      const said = fieldErrors(problemOf(error), FIELDS, { application_name_taken: "name" });
      form.setErrors(said.fields);
      setOthers(said.others);
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => create.mutate(values))}>
      <Stack>
        {create.isError && <ProblemAlert error={create.error} others={others} />}
        <Radio.Group label={words.preset} {...form.getInputProps("preset")}>
          <Stack gap="sm" mt="xs">
            {MADE_PRESETS.map((preset) => (
              <Radio key={preset} value={preset} label={words.presets[preset]} description={words.presetHints[preset]} />
            ))}
          </Stack>
        </Radio.Group>
        <TextInput
          label={words.displayName}
          description={words.displayNameHint}
          autoComplete="off"
          maxLength={100}
          {...form.getInputProps("displayName")}
        />
        <TextInput
          label={words.clientId}
          description={words.clientIdHint}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={128}
          {...form.getInputProps("name")}
        />
        {!isMachine && (
          <TagsInput
            label={words.redirectUris}
            description={words.redirectUrisHint}
            maxTags={50}
            splitChars={[]}
            acceptValueOnBlur
            {...form.getInputProps("redirectUris")}
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

/** The form that makes an application of one of the presets. */
export function CreateApplication({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useSpeech();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={t.applications.create}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t.common.close }}
    >
      <Form onClose={onClose} />
    </Modal>
  );
}
