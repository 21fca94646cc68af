import { Button, Checkbox, Group, MultiSelect, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMediaQuery } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../api/client";
import { fieldErrors, problemOf, type FieldProblem } from "../api/problem";
import type { NewUser } from "../api/types";
import { useSpeech } from "../i18n";
import { Modal } from "../parts/dialog";
import { lines } from "../parts/lines";
import { LinkButton } from "../parts/link";
import { useAddressProblem } from "../parts/mail-to";
import { NewPassword } from "../parts/new-password";
import { passwordProblems } from "../parts/password-problems";
import { ProblemAlert } from "../parts/problem";
import { useGrantable } from "../parts/role-select";
import { ShownOnce } from "../parts/shown-once";
import { generatePassword } from "./generate-password";

const FIELDS = ["name", "email", "displayName", "password", "roles"] as const;

interface Created {
  name: string;
  /** Only when it was generated; a password somebody typed is known to them. */
  password?: string;
}

function Form({ onCreated, onCancel }: { onCreated: (created: Created) => void; onCancel: () => void }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const roles = useGrantable();
  const [generated, setGenerated] = useState(true);
  const [others, setOthers] = useState<FieldProblem[]>([]);
  const form = useForm({
    initialValues: { name: "", email: "", displayName: "", password: "", mustChange: true, roles: [] as string[] },
    validate: {
      name: (value) => (value.trim() === "" ? t.create.nameMissing : null),
      email: useAddressProblem(),
      password: (value) => (!generated && value === "" ? t.create.passwordMissing : null),
    },
  });
  const create = useMutation({
    mutationFn: (user: NewUser) => body(api.POST("/users", { body: user })),
    onSuccess: (user, sent) => {
      void client.invalidateQueries({ queryKey: ["users", "list"] });
      onCreated({ name: user.metadata.name, password: generated ? sent.password : undefined });
    },
    onError: (error) => {
      const problem = problemOf(error);
      const said = fieldErrors(problem, FIELDS, { user_name_taken: "name", email_taken: "email" });
      form.setErrors({ ...said.fields, ...(said.fields.password && { password: lines(passwordProblems(problem, t)) }) });
      setOthers(said.others);
      const first = FIELDS.find((field) => said.fields[field] !== undefined);
      if (first !== undefined) form.getInputNode(first)?.focus();
    },
  });
  const submit = (values: typeof form.values) => {
    const displayName = values.displayName.trim();
    create.mutate({
      name: values.name.trim(),
      email: values.email.trim(),
      ...(displayName !== "" && { displayName }),
      password: generated ? generatePassword() : values.password,
      mustChangePassword: values.mustChange,
      roles: values.roles,
    });
  };
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(submit, (errors) => {
        const first = FIELDS.find((field) => errors[field]);
        if (first !== undefined) form.getInputNode(first)?.focus();
      })}
    >
      <Stack gap="md">
        {create.isError && <ProblemAlert error={create.error} others={others} />}
        <TextInput
          label={t.create.name}
          description={t.create.nameHint}
          required
          data-autofocus
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          {...form.getInputProps("name")}
          data-path="name"
        />
        <TextInput
          label={t.create.email}
          type="email"
          required
          autoComplete="off"
          {...form.getInputProps("email")}
          data-path="email"
        />
        <TextInput
          label={t.create.displayName}
          description={t.create.displayNameHint}
          autoComplete="off"
          {...form.getInputProps("displayName")}
          data-path="displayName"
        />
        <NewPassword
          generated={generated}
          onGenerated={setGenerated}
          hint={t.create.generateHint}
          {...form.getInputProps("password")}
        />
        <Checkbox
          label={t.create.mustChange}
          description={t.create.mustChangeHint}
          {...form.getInputProps("mustChange", { type: "checkbox" })}
        />
        <MultiSelect
          label={t.create.roles}
          description={t.create.rolesHint}
          searchable
          data={roles}
          placeholder={form.values.roles.length === 0 ? t.create.noMoreRoles : undefined}
          {...form.getInputProps("roles")}
          data-path="roles"
        />
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onCancel}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t.create.submit}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Handover({ created, onClose }: { created: Required<Created>; onClose: () => void }) {
  const { t } = useSpeech();
  return (
    <Stack>
      <ShownOnce title={t.create.created(created.name)} hint={t.create.shownOnce} label={t.create.generated} value={created.password} />
      <Group justify="flex-end" mt="xs">
        <LinkButton to="/users/$name" params={{ name: created.name }} variant="default">
          {t.create.open}
        </LinkButton>
        <Button onClick={onClose} data-autofocus>
          {t.common.done}
        </Button>
      </Group>
    </Stack>
  );
}

/** The form for a new person, and once, the password made for them. */
export function CreateUser({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useSpeech();
  const narrow = useMediaQuery("(max-width: 36em)");
  const [created, setCreated] = useState<Required<Created>>();
  const done = ({ name, password }: Created) => {
    if (password !== undefined) {
      setCreated({ name, password });
      return;
    }
    notifications.show({ color: "teal", message: t.create.created(name) });
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={() => setCreated(undefined)}
      title={t.create.title}
      size="md"
      fullScreen={narrow}
      // A click beside the form must not lose what was typed, nor a password that is shown only once.
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t.common.close }}
    >
      {created === undefined ? <Form onCreated={done} onCancel={onClose} /> : <Handover created={created} onClose={onClose} />}
    </Modal>
  );
}
