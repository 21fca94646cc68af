import { Button, Checkbox, Group, NativeSelect, NumberInput, PasswordInput, SimpleGrid, Stack, Switch, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../../api/client";
import { tenantQuery } from "../../api/first-queries";
import { fieldErrors, problemOf, type FieldProblem } from "../../api/problem";
import type { Sender } from "../../api/types";
import { useSpeech } from "../../i18n";
import { Modal } from "../../parts/dialog";
import { ProblemAlert } from "../../parts/problem";
import { emptyValues, specOf, valuesOf, type Values } from "./values";

const FIELDS = [
  "name", "displayName", "host", "port", "encryption", "username", "password", "fromAddress", "fromName", "replyTo", "envelopeDomain",
  "perMinute",
  "perDay",
] as const;
const OF_CODE = {
  sender_name_taken: "name",
  sender_host_refused: "host",
  encryption_required: "encryption",
  secret_required: "password",
} as const;

function Fields({ sender, onClose }: { sender?: Sender; onClose: () => void }) {
  const { t } = useSpeech();
  const words = t.senders;
  const client = useQueryClient();
  const [others, setOthers] = useState<FieldProblem[]>([]);
  const form = useForm<Values>({ initialValues: sender === undefined ? emptyValues : valuesOf(sender) });
  const kept = sender?.status.passwordSetAt !== undefined;
  const save = useMutation({
    mutationFn: (values: Values) =>
      sender === undefined
        ? body(api.POST("/senders", { body: { metadata: { name: values.name.trim() }, spec: specOf(values) } }))
        : body(
            api.PUT("/senders/{name}", {
              params: { path: { name: sender.metadata.name } },
              body: { metadata: { version: sender.metadata.version }, spec: specOf(values) },
            }),
          ),
    onSuccess: async ({ spec }) => {
      notifications.show({ color: "teal", message: sender === undefined ? words.made(spec.displayName) : words.saved(spec.displayName) });
      void client.invalidateQueries({ queryKey: ["audit"] });
      void client.invalidateQueries(tenantQuery);
      await client.invalidateQueries({ queryKey: ["senders"] });
      onClose();
    },
    onError: (error) => {
      const said = fieldErrors(problemOf(error), FIELDS, OF_CODE);
      form.setErrors(said.fields);
      setOthers(said.others);
    },
  });
  const text = { autoComplete: "off", spellCheck: false };
  return (
    <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack>
        {save.isError && <ProblemAlert error={save.error} others={others} />}
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {sender === undefined && (
            <TextInput label={words.name} description={words.nameHint} required data-autofocus maxLength={63} {...text} {...form.getInputProps("name")} />
          )}
          <TextInput label={words.displayName} required maxLength={100} {...text} {...form.getInputProps("displayName")} />
          <TextInput label={words.host} required placeholder="smtp.example.com" maxLength={253} {...text} {...form.getInputProps("host")} />
          <NumberInput label={words.port} required min={1} max={65535} allowDecimal={false} hideControls {...form.getInputProps("port")} />
          <NativeSelect
            label={words.encryption}
            data={(["starttls", "tls", "none"] as const).map((value) => ({ value, label: words.encryptions[value] }))}
            {...form.getInputProps("encryption")}
          />
          <TextInput label={words.username} maxLength={320} {...text} {...form.getInputProps("username")} />
        </SimpleGrid>
        <PasswordInput
          label={words.password}
          description={kept ? words.passwordKept : undefined}
          autoComplete="new-password"
          maxLength={1000}
          disabled={form.values.removePassword}
          {...form.getInputProps("password")}
        />
        {kept && <Checkbox label={words.passwordRemove} {...form.getInputProps("removePassword", { type: "checkbox" })} />}
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput label={words.fromAddress} type="email" required maxLength={254} {...text} {...form.getInputProps("fromAddress")} />
          <TextInput label={words.fromName} description={words.fromNameHint} maxLength={64} {...text} {...form.getInputProps("fromName")} />
          <TextInput label={words.replyTo} type="email" maxLength={254} {...text} {...form.getInputProps("replyTo")} />
          <TextInput label={words.envelopeDomain} description={words.envelopeDomainHint} maxLength={190} {...text} {...form.getInputProps("envelopeDomain")} />
          <NumberInput label={words.perMinute} required min={1} max={6000} allowDecimal={false} {...form.getInputProps("perMinute")} />
          <NumberInput label={words.perDay} description={words.perDayHint} min={1} allowDecimal={false} {...form.getInputProps("perDay")} />
        </SimpleGrid>
        <Switch label={words.enabled} {...form.getInputProps("enabled", { type: "checkbox" })} />
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {sender === undefined ? words.create : t.common.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The form that a sender is made or changed with. */
export function SenderForm({ opened, sender, onClose }: { opened: boolean; sender?: Sender; onClose: () => void }) {
  const { t } = useSpeech();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={sender === undefined ? t.senders.create : t.senders.edit(sender.spec.displayName)}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t.common.close }}
    >
      <Fields sender={sender} onClose={onClose} />
    </Modal>
  );
}
