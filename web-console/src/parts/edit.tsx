import { Button, Group, Stack } from "@mantine/core";
import { useForm, type UseFormInput, type UseFormReturnType } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { problemOf, specErrors, type FieldProblem } from "../api/problem";
import { useSpeech } from "../i18n";
import { useFollowing } from "./following";
import { SaveProblem } from "./save-problem";
import { Unsaved } from "./unsaved";

interface Versioned {
  metadata: { version: number };
}

/** The spec of an object that is being changed. */
export interface Edit<V> {
  form: UseFormReturnType<V>;
  editable: boolean;
  save: UseMutationResult<Versioned, Error, V>;
  others: FieldProblem[];
  reload: () => void;
  /** What an input needs to show a field, and to let nobody change it who may not. */
  input: (path: string, type?: "checkbox") => ReturnType<UseFormReturnType<V>["getInputProps"]> & { disabled: boolean };
}

/** Lets somebody change an object: the version they began with goes with it, and what is refused stands at its field. */
export function useEdit<O extends Versioned, V extends object>({
  object,
  queryKey,
  editable,
  values,
  validate,
  put,
  onSaved,
}: {
  object: O;
  queryKey: readonly unknown[];
  editable: boolean;
  values: V;
  validate?: UseFormInput<V>["validate"];
  put: (values: V, match: { "If-Match": string }) => Promise<O>;
  /** What else has to be asked again. */
  onSaved?: () => void;
}): Edit<V> {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [others, setOthers] = useState<FieldProblem[]>([]);
  const form = useForm<V>({ initialValues: values, validate });
  const base = useFollowing(form, object.metadata.version, values);
  const save = useMutation<Versioned, Error, V>({
    mutationFn: (given) => put(given, { "If-Match": `"${base}"` }),
    onSuccess: (saved) => {
      form.resetDirty();
      notifications.show({ color: "teal", message: t.common.saved });
      client.setQueryData(queryKey, saved);
      void client.invalidateQueries({ queryKey: ["audit"] });
      onSaved?.();
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

/** The frame around the fields of an object: what went wrong above them, what can be done below. */
export function EditForm<V extends object>({ edit, children }: { edit: Edit<V>; children: ReactNode }) {
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
