import { Button, Group, PasswordInput, Stack } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../api/client";
import { fieldErrors, problemOf, type FieldProblem } from "../api/problem";
import { useSpeech } from "../i18n";
import { useSession } from "../shell/session";
import { lines } from "./lines";
import { passwordProblems } from "./password-problems";
import { ProblemAlert } from "./problem";

/** One's own password, from the present one to another. */
export function OwnPassword({ onChanged, onCancel, size }: { onChanged: () => unknown; onCancel?: () => void; size?: "md" }) {
  const { t } = useSpeech();
  const { user } = useSession();
  const [others, setOthers] = useState<FieldProblem[]>([]);
  const form = useForm({
    initialValues: { oldPassword: "", password: "" },
    validate: {
      oldPassword: (value) => (value === "" ? t.signIn.passwordMissing : null),
      // What else is asked of it is the tenant's policy, which the server knows.
      password: (value, values) =>
        value === "" ? t.password.newMissing : value === values.oldPassword ? t.password.same : null,
    },
  });
  const change = useMutation({
    mutationFn: (given: typeof form.values) => body(api.PUT("/users/-/password", { body: given })),
    onSuccess: async () => {
      form.reset();
      await onChanged();
    },
    onError: (error) => {
      const problem = problemOf(error);
      const said = fieldErrors(problem, ["oldPassword", "password"], { password_wrong: "oldPassword" });
      form.setErrors({ ...said.fields, ...(said.fields.password && { password: lines(passwordProblems(problem, t)) }) });
      setOthers(said.others);
    },
  });
  const toggle = { "aria-label": t.signIn.show };
  return (
    <form noValidate onSubmit={form.onSubmit((values) => change.mutate(values))}>
      <Stack>
        {change.isError && <ProblemAlert error={change.error} others={others} />}
        {/* Password managers look for the name that a password belongs to. */}
        <input type="text" name="username" autoComplete="username" value={user.metadata.name} readOnly hidden />
        <PasswordInput
          label={t.password.current}
          name="current-password"
          autoComplete="current-password"
          size={size}
          data-autofocus
          visibilityToggleButtonProps={toggle}
          {...form.getInputProps("oldPassword")}
          aria-invalid={form.errors.oldPassword !== undefined}
        />
        <PasswordInput
          label={t.password.new}
          description={t.password.hint}
          name="new-password"
          autoComplete="new-password"
          size={size}
          visibilityToggleButtonProps={toggle}
          {...form.getInputProps("password")}
          aria-invalid={form.errors.password !== undefined}
        />
        <Group justify="flex-end">
          {onCancel !== undefined && (
            <Button variant="default" onClick={onCancel}>
              {t.common.cancel}
            </Button>
          )}
          <Button type="submit" size={size} fullWidth={onCancel === undefined} loading={change.isPending}>
            {t.password.change}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
