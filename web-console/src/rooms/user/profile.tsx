import { Button, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../../api/client";
import { fieldErrors, problemOf, type FieldProblem } from "../../api/problem";
import type { DetailedUser, User } from "../../api/types";
import { useSpeech } from "../../i18n";
import { CopyIcon } from "../../parts/copy";
import { useFollowing } from "../../parts/following";
import { Moment } from "../../parts/moment";
import { Facts, Panel } from "../../parts/page";
import { fromPairs, mapPatch, repeated, toPairs } from "../../parts/pairs";
import { PairsInput } from "../../parts/pairs-input";
import { Picture, pictureForm } from "../../parts/picture";
import { ProfileFields, profileValues } from "../../parts/profile-fields";
import { SaveProblem } from "../../parts/save-problem";
import { useMay, useUserChanged } from "../../shell/session";
import { changes } from "./changes";

const FIELDS = ["displayName", "phone", "bio", "labels", "annotations"] as const;

function valuesOf(user: User) {
  return {
    ...profileValues(user),
    labels: toPairs(user.metadata.labels),
    annotations: toPairs(user.metadata.annotations),
  };
}

function Edit({ user }: { user: User }) {
  const { t } = useSpeech();
  const may = useMay();
  const changed = useUserChanged();
  const { name, version } = user.metadata;
  const [others, setOthers] = useState<FieldProblem[]>([]);
  const repeatedMessage = (key: string | undefined) => (key === undefined ? null : t.common.repeated(key));
  const form = useForm({
    initialValues: valuesOf(user),
    validate: {
      displayName: (value) => (value.trim() === "" ? t.user.displayNameMissing : null),
      labels: (value) => repeatedMessage(repeated(value)),
      annotations: (value) => repeatedMessage(repeated(value)),
    },
  });
  const base = useFollowing(form, version, valuesOf(user));
  const editable = may("users:update");
  const save = useMutation({
    mutationFn: (values: typeof form.values) => {
      const [before, after] = [form.getInitialValues(), values];
      const spec = changes(profileOf(before), profileOf(after));
      const labels = mapPatch(fromPairs(before.labels), fromPairs(after.labels));
      const annotations = mapPatch(fromPairs(before.annotations), fromPairs(after.annotations));
      return body(
        api.PATCH("/users/{name}", {
          params: { path: { name }, header: { "If-Match": `"${base}"` } },
          headers: { "Content-Type": "application/merge-patch+json" },
          // A merge patch removes with null, which the document's type of the map does not say.
          body: { spec, metadata: { labels: labels as Record<string, string>, annotations: annotations as Record<string, string> } },
        }),
      );
    },
    onSuccess: async () => {
      form.resetDirty();
      notifications.show({ color: "teal", message: t.common.saved });
      await changed();
    },
    onError: (error) => {
      const said = fieldErrors(problemOf(error), FIELDS);
      form.setErrors(said.fields);
      setOthers(said.others);
    },
  });
  return (
    <Panel title={t.user.profile} hint={editable ? undefined : t.user.readOnly}>
      <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack>
          {save.isError && (
            <SaveProblem
              error={save.error}
              others={others}
              onReload={() => {
                form.reset();
                save.reset();
                void changed();
              }}
            />
          )}
          <ProfileFields form={form} disabled={!editable} />
          <PairsInput
            label={t.user.labels}
            description={t.user.labelsHint}
            disabled={!editable}
            error={form.errors.labels}
            value={form.values.labels}
            onChange={(labels) => form.setFieldValue("labels", labels)}
          />
          <PairsInput
            label={t.user.annotations}
            description={t.user.annotationsHint}
            disabled={!editable}
            error={form.errors.annotations}
            value={form.values.annotations}
            onChange={(annotations) => form.setFieldValue("annotations", annotations)}
          />
          {editable && (
            <Group gap="xs">
              <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
                {t.common.save}
              </Button>
              {form.isDirty() && (
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
    </Panel>
  );
}

const profileOf = ({ displayName, phone, bio }: ReturnType<typeof valuesOf>) => ({
  displayName: displayName.trim(),
  phone: phone.trim(),
  bio: bio.trim(),
});

/** Who somebody is, and what can be changed about it. */
export function Profile({ detail }: { detail: DetailedUser }) {
  const { t, format } = useSpeech();
  const may = useMay();
  const changed = useUserChanged();
  const { metadata, status } = detail.user;
  const { name } = metadata;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} style={{ alignItems: "start" }}>
      <Edit user={detail.user} />
      <Stack>
        <Panel title={t.picture.title} hint={t.picture.hint}>
          <Picture
            user={detail.user}
            mayUpload={may("users/avatar:update")}
            mayRemove={may("users/avatar:delete")}
            upload={(file) =>
              body(
                api.POST("/users/{name}/avatar", {
                  params: { path: { name } },
                  body: { file: file.name },
                  bodySerializer: () => pictureForm(file),
                }),
              )
            }
            remove={() => body(api.DELETE("/users/{name}/avatar", { params: { path: { name } } }))}
            onDone={changed}
          />
        </Panel>
        <Panel title={t.user.facts}>
          <Facts
            facts={[
              [t.user.name, name],
              [t.user.created, <Moment key="created" at={metadata.creationTimestamp} />],
              [t.user.version, format.number(metadata.version)],
              [
                t.user.id,
                <Group key="id" gap={4} wrap="nowrap">
                  <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
                    {status.id}
                  </Text>
                  <CopyIcon value={status.id} label={t.common.copy} />
                </Group>,
              ],
            ]}
          />
        </Panel>
      </Stack>
    </SimpleGrid>
  );
}
