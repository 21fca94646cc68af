import { Button, Group, Image, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { IconExternalLink } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import { attachmentQuery } from "../../api/queries";
import type { Attachment } from "../../api/types";
import { useSpeech } from "../../i18n";
import { ConfirmedAct } from "../../parts/confirm";
import { CopyText } from "../../parts/copy";
import { Modal } from "../../parts/dialog";
import { Moment } from "../../parts/moment";
import { Facts } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { useMay } from "../../shell/session";
import { pathOf } from "../attachments-search";
import { useBytes } from "./bytes";
import { useGroups } from "./groups";
import { useChanged } from "./upload";

function Edit({ file }: { file: Attachment }) {
  const { t } = useSpeech();
  const words = t.attachments;
  const changed = useChanged();
  const groups = useGroups();
  const { name, version } = file.metadata;
  const form = useForm({
    initialValues: { displayName: file.spec.displayName, groupName: file.spec.groupName ?? "", visibility: file.spec.visibility },
  });
  const save = useMutation({
    mutationFn: ({ displayName, groupName, visibility }: typeof form.values) =>
      body(
        api.PATCH("/attachments/{name}", {
          params: { path: { name }, header: { "If-Match": `"${version}"` } },
          headers: { "Content-Type": "application/merge-patch+json" },
          body: { spec: { displayName: displayName.trim(), groupName: groupName === "" ? null : groupName, visibility } },
        }),
      ),
    onSuccess: async ({ spec }) => {
      form.resetDirty();
      notifications.show({ color: "teal", message: words.saved(spec.displayName) });
      await changed();
    },
  });
  const visibilities = (["private", "public"] as const).map((value) => ({ value, label: words.visibilities[value] }));
  return (
    <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack>
        {save.isError && <ProblemAlert error={save.error} />}
        <TextInput label={words.name} required autoComplete="off" maxLength={255} {...form.getInputProps("displayName")} />
        <NativeSelect label={words.group} data={[{ value: "", label: words.ungrouped }, ...groups]} {...form.getInputProps("groupName")} />
        <NativeSelect label={words.visibility} data={visibilities} {...form.getInputProps("visibility")} />
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
            {words.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Content({ file, onClose }: { file: Attachment; onClose: () => Promise<void> }) {
  const { t } = useSpeech();
  const words = t.attachments;
  const may = useMay();
  const changed = useChanged();
  const size = useBytes();
  const { metadata, spec, status } = file;
  const picture = status.thumbnails.M;
  const shown = spec.visibility === "public" || may("attachments/content:get");
  return (
    <Stack>
      {picture !== undefined && shown && <Image src={pathOf(picture)} alt={spec.displayName} mah={280} fit="contain" />}
      <Facts
        facts={[
          [words.type, spec.mediaType],
          [words.size, size(spec.size)],
          ...(status.width === undefined ? [] : ([[words.pixels, `${status.width} × ${status.height}`]] as [string, string][])),
          [words.owner, spec.ownerName ?? words.nobody],
          [words.uploadedAt, <Moment key="at" at={metadata.creationTimestamp} />],
          ...(spec.sourceHost === undefined ? [] : ([[words.from, spec.sourceHost]] as [string, string][])),
          [words.hash, <span key="hash" style={{ overflowWrap: "anywhere" }}>{status.sha256}</span>],
          [words.address, <span key="address" style={{ overflowWrap: "anywhere" }}>{status.permalink}</span>],
        ]}
      />
      <Group gap="xs">
        <CopyText value={status.permalink} label={words.copyAddress} />
        {shown && (
          <Button
            component="a"
            href={pathOf(status.permalink)}
            target="_blank"
            rel="noreferrer"
            variant="default"
            size="compact-sm"
            leftSection={<IconExternalLink size={14} aria-hidden />}
          >
            {words.open}
          </Button>
        )}
        {may("attachments:delete") && (
          <ConfirmedAct
            size="compact-sm"
            label={words.remove}
            title={words.removeTitle(spec.displayName)}
            what={words.removeWhat}
            act={() => body(api.DELETE("/attachments/{name}", { params: { path: { name: metadata.name } } }))}
            done={words.removed(spec.displayName)}
            onDone={async () => {
              // Before anything is read anew: what is gone is not asked for.
              await onClose();
              await changed();
            }}
          />
        )}
      </Group>
      {may("attachments:update") && <Edit key={metadata.version} file={file} />}
    </Stack>
  );
}

/** What is known of a file, and what can be done with it. */
export function Details({ name, onClose }: { name?: string; onClose: () => Promise<void> }) {
  const { t } = useSpeech();
  const file = useQuery({ ...attachmentQuery(name ?? ""), enabled: name !== undefined });
  const title = file.data === undefined ? t.common.loading : t.attachments.details(file.data.spec.displayName);
  return (
    <Modal opened={name !== undefined} onClose={() => void onClose()} size="lg" title={title} closeButtonProps={{ "aria-label": t.common.close }}>
      {file.isError && <ProblemAlert error={file.error} />}
      {file.data !== undefined && <Content file={file.data} onClose={onClose} />}
    </Modal>
  );
}
