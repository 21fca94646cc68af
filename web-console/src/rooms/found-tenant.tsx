import { Accordion, Button, Group, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { body, system } from "../api/client";
import { fieldErrors, problemOf, type FieldProblem } from "../api/problem";
import { useSpeech } from "../i18n";
import { Modal } from "../parts/dialog";
import { MAIL_LANGUAGES, useAddressProblem } from "../parts/mail-to";
import { ProblemAlert } from "../parts/problem";
import { QuotaFields } from "./quotas/fields";
import { noQuotas, QUOTAS, specOf } from "./quotas/values";
import { Unmailed } from "./tenant/owner";

const FIELDS = ["name", "displayName", "email", "language", ...QUOTAS] as const;

function Form({ onClose }: { onClose: () => void }) {
  const { t, language } = useSpeech();
  const words = t.tenants;
  const client = useQueryClient();
  const navigate = useNavigate();
  const [others, setOthers] = useState<FieldProblem[]>([]);
  const form = useForm({
    initialValues: { name: "", displayName: "", email: "", language, ...noQuotas },
    validate: {
      name: (value) => (value.trim() === "" ? words.nameMissing : null),
      displayName: (value) => (value.trim() === "" ? words.displayNameMissing : null),
      email: useAddressProblem(),
    },
  });
  const toFirst = (errors: object) => {
    const first = FIELDS.find((field) => field in errors);
    if (first !== undefined) form.getInputNode(first)?.focus();
  };
  const found = useMutation({
    mutationFn: ({ name, displayName, email, language: spoken, ...quotas }: typeof form.values) =>
      body(
        system.POST("/tenants", {
          body: {
            metadata: { name: name.trim() },
            spec: {
              displayName: displayName.trim(),
              owner: { email: email.trim(), language: spoken },
              quotas: specOf(quotas),
            },
          },
        }),
      ),
    onSuccess: ({ metadata: { name }, spec }, { email }) => {
      notifications.show({ color: "teal", message: words.wasFounded(spec.displayName, email.trim()) });
      void client.invalidateQueries({ queryKey: ["audit"] });
      void client.invalidateQueries({ queryKey: ["tenants"] });
      void navigate({ to: "/tenants/$name", params: { name } });
    },
    onError: (error) => {
      const said = fieldErrors(problemOf(error), FIELDS, { tenant_name_taken: "name", email_taken: "email" });
      form.setErrors(said.fields);
      setOthers(said.others);
      toFirst(said.fields);
    },
  });
  const text = { required: true, autoComplete: "off" };
  return (
    <form noValidate onSubmit={form.onSubmit((values) => found.mutate(values), toFirst)}>
      <Stack>
        {found.isError && <ProblemAlert error={found.error} others={others} />}
        <TextInput
          label={words.name}
          description={words.nameHint}
          autoCapitalize="none"
          spellCheck={false}
          maxLength={40}
          data-autofocus
          {...text}
          {...form.getInputProps("name")}
          data-path="name"
        />
        <TextInput
          label={words.displayName}
          description={words.displayNameHint}
          maxLength={100}
          {...text}
          {...form.getInputProps("displayName")}
          data-path="displayName"
        />
        <TextInput
          label={words.ownerEmail}
          description={words.ownerEmailHint}
          type="email"
          maxLength={254}
          {...text}
          {...form.getInputProps("email")}
          data-path="email"
        />
        <NativeSelect label={t.invitations.language} data={MAIL_LANGUAGES} {...form.getInputProps("language")} />
        <Unmailed name={form.values.name.trim()} />
        <Accordion variant="contained">
          <Accordion.Item value="quotas">
            <Accordion.Control>{t.quotas.title}</Accordion.Control>
            <Accordion.Panel>
              <QuotaFields input={(quota) => form.getInputProps(quota)} values={form.values} />
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={found.isPending}>
            {words.found}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The form that a tenant is founded with. */
export function FoundTenant({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useSpeech();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={t.tenants.found}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t.common.close }}
    >
      <Form onClose={onClose} />
    </Modal>
  );
}
