import { Button, Group, Stack } from "@mantine/core";
import { useForm, type UseFormInput, type UseFormReturnType } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { tenantQuery } from "../../api/queries";
import { problemOf, specErrors, type FieldProblem } from "../../api/problem";
import { useSpeech } from "../../i18n";
import { useFollowing } from "../../parts/following";
import { SaveProblem } from "../../parts/save-problem";
import { Unsaved } from "../../parts/unsaved";
import { useMay } from "../../shell/session";

interface Policy {
  metadata: { version: number };
}

/** A policy that is being changed. */
export interface Edit<V> {
  form: UseFormReturnType<V>;
  editable: boolean;
  save: UseMutationResult<Policy, Error, V>;
  others: FieldProblem[];
  reload: () => void;
  /** What an input needs to show a field, and to let nobody change it who may not. */
  input: (path: string, type?: "checkbox") => ReturnType<UseFormReturnType<V>["getInputProps"]> & { disabled: boolean };
}

/** Lets somebody change a policy: the version they began with goes with it, and what is refused stands at its field. */
export function usePolicyEdit<P extends Policy, V extends object>({
  policy,
  queryKey,
  values,
  validate,
  put,
}: {
  policy: P;
  queryKey: readonly string[];
  values: V;
  validate?: UseFormInput<V>["validate"];
  put: (values: V, match: { "If-Match": string }) => Promise<P>;
}): Edit<V> {
  const { t } = useSpeech();
  const client = useQueryClient();
  const editable = useMay()("policies:update");
  const [others, setOthers] = useState<FieldProblem[]>([]);
  const form = useForm<V>({ initialValues: values, validate });
  const base = useFollowing(form, policy.metadata.version, values);
  const save = useMutation<Policy, Error, V>({
    mutationFn: (given) => put(given, { "If-Match": `"${base}"` }),
    onSuccess: (saved) => {
      form.resetDirty();
      notifications.show({ color: "teal", message: t.common.saved });
      client.setQueryData(queryKey, saved);
      void client.invalidateQueries({ queryKey: ["audit"] });
      // It tells the name that branding gives the tenant.
      void client.invalidateQueries(tenantQuery);
    },
    onError: (error, given) => {
      const said = specErrors(problemOf(error), given);
      form.setErrors(said.fields);
      setOthers(said.others);
    },
  });
  return {
    form,
    editable,
    save,
    others,
    reload: () => {
      form.reset();
      save.reset();
      void client.invalidateQueries({ queryKey });
    },
    input: (path, type) => ({ ...form.getInputProps(path, { type }), disabled: !editable }),
  };
}

/** The frame around the fields of a policy: what went wrong above them, what can be done below. */
export function PolicyForm<V extends object>({ edit, children }: { edit: Edit<V>; children: ReactNode }) {
  const { t } = useSpeech();
  const { form, editable, save, others, reload } = edit;
  const dirty = editable && form.isDirty();
  return (
    <>
      <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack>
          {save.isError && <SaveProblem error={save.error} others={others} onReload={reload} />}
          {children}
          {editable && (
            <Group gap="xs">
              <Button type="submit" loading={save.isPending} disabled={!dirty}>
                {t.common.save}
              </Button>
              {dirty && (
                <Button
                  variant="subtle"
                  onClick={() => {
                    form.reset();
                    save.reset();
                  }}
                >
                  {t.common.discard}
                </Button>
              )}
            </Group>
          )}
        </Stack>
      </form>
      {/* Not inside: the answer to its question is a form as well, and submitting it would save this one. */}
      <Unsaved dirty={dirty} />
    </>
  );
}
