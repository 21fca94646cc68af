import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
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
import { useMay } from "../shell/session";

function Form({ onClose }: { onClose: () => void }) {
  const { t } = useSpeech();
  const words = t.domains;
  const may = useMay();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [others, setOthers] = useState<FieldProblem[]>([]);
  const form = useForm({
    initialValues: { name: "" },
    validate: { name: (value) => (value.trim() === "" ? words.nameMissing : null) },
  });
  const focus = () => form.getInputNode("name")?.focus();
  const claim = useMutation({
    mutationFn: ({ name }: typeof form.values) => body(api.POST("/domains", { body: { metadata: { name: name.trim() } } })),
    onSuccess: ({ metadata: { name } }) => {
      notifications.show({ color: "teal", message: words.wasClaimed(name) });
      void client.invalidateQueries({ queryKey: ["audit"] });
      void client.invalidateQueries({ queryKey: ["quotas"] });
      void client.invalidateQueries({ queryKey: ["domains"] });
      if (may("domains:get")) void navigate({ to: "/domains/$name", params: { name } });
      else onClose();
    },
    onError: (error) => {
      const said = fieldErrors(problemOf(error), ["name"], { domain_taken: "name" });
      form.setErrors(said.fields);
      setOthers(said.others);
      focus();
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => claim.mutate(values), focus)}>
      <Stack>
        {claim.isError && <ProblemAlert error={claim.error} others={others} />}
        <Text size="sm">{words.claimHint}</Text>
        <TextInput
          label={words.name}
          placeholder="login.example.com"
          required
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={190}
          data-autofocus
          {...form.getInputProps("name")}
          data-path="name"
        />
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={claim.isPending}>
            {words.claim}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The form that claims a domain for the tenant. */
export function ClaimDomain({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useSpeech();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t.domains.claim}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t.common.close }}
    >
      <Form onClose={onClose} />
    </Modal>
  );
}
