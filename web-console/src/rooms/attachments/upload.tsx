import { Alert, Button, FileButton, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconCloudDownload, IconUpload } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type DragEvent, type ReactNode } from "react";
import { api, body } from "../../api/client";
import { fieldErrors, problemOf } from "../../api/problem";
import { useSpeech } from "../../i18n";
import { Modal } from "../../parts/dialog";
import { ProblemAlert } from "../../parts/problem";
import { useMay } from "../../shell/session";

/** Reads anew what changes with files. */
export function useChanged(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    void client.invalidateQueries({ queryKey: ["audit"] });
    await client.invalidateQueries({ queryKey: ["attachments"] });
  };
}

function formOf(file: File, group?: string): FormData {
  const form = new FormData();
  // What is checked first comes first.
  if (group !== undefined) form.append("groupName", group);
  form.append("file", file);
  return form;
}

/** Uploads files one after the other, and says of each what became of it. */
function useUpload(group?: string) {
  const { t } = useSpeech();
  const words = t.attachments;
  const changed = useChanged();
  return useMutation({
    mutationFn: async (files: File[]) => {
      const failed: { name: string; detail: string }[] = [];
      for (const file of files) {
        const sent = api.POST("/attachments/upload", { body: { file: file.name }, bodySerializer: () => formOf(file, group) });
        try {
          // One at a time: each is reserved room for.
          // oxlint-disable-next-line no-await-in-loop
          await body(sent);
          notifications.show({ color: "teal", message: words.uploaded(file.name) });
        } catch (error) {
          const problem = problemOf(error);
          failed.push({ name: file.name, detail: [problem.detail, ...problem.errors.map(({ detail }) => detail)].join(" ") });
        }
      }
      return failed;
    },
    onSettled: changed,
  });
}

function FetchForm({ group, onClose }: { group?: string; onClose: () => void }) {
  const { t } = useSpeech();
  const words = t.attachments;
  const changed = useChanged();
  const form = useForm({ initialValues: { url: "", filename: "" } });
  const fetching = useMutation({
    mutationFn: ({ url, filename }: typeof form.values) => {
      const name = filename.trim();
      return body(api.POST("/attachments/-/upload-from-url", { body: { url: url.trim(), filename: name === "" ? undefined : name, groupName: group } }));
    },
    onSuccess: async ({ spec }) => {
      notifications.show({ color: "teal", message: words.fetched(spec.displayName) });
      await changed();
      onClose();
    },
    onError: (error) => form.setErrors(fieldErrors(problemOf(error), ["url", "filename"], { source_refused: "url" }).fields),
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => fetching.mutate(values))}>
      <Stack>
        {fetching.isError && <ProblemAlert error={fetching.error} />}
        <TextInput
          label={words.url}
          description={words.urlHint}
          type="url"
          required
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          maxLength={2000}
          {...form.getInputProps("url")}
        />
        <TextInput label={words.fileName} description={words.fileNameHint} autoComplete="off" maxLength={255} {...form.getInputProps("filename")} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={fetching.isPending} disabled={form.values.url.trim() === ""}>
            {words.fetch}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Files of the clipboard, unless somebody pastes into a field. */
function usePasted(take: ((files: File[]) => void) | undefined) {
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const into = event.target instanceof Element && event.target.closest("input, textarea") !== null;
      const files = [...(event.clipboardData?.files ?? [])];
      if (take !== undefined && !into && files.length > 0) take(files);
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  }, [take]);
}

/** Where files are dropped, pasted, chosen or fetched; and around what is there already. */
export function Uploads({ group, children }: { group?: string; children: ReactNode }) {
  const { t } = useSpeech();
  const words = t.attachments;
  const may = useMay();
  const uploading = useUpload(group);
  const [over, setOver] = useState(false);
  const [fetching, fetch] = useDisclosure(false);
  const allowed = may("attachments:create");
  const take = allowed && !uploading.isPending ? uploading.mutate : undefined;
  usePasted(take);
  const drag = (event: DragEvent, inside: boolean) => {
    event.preventDefault();
    setOver(inside && allowed);
  };
  return (
    <div
      onDragOver={(event) => drag(event, true)}
      onDragLeave={(event) => drag(event, false)}
      onDrop={(event) => {
        drag(event, false);
        const files = [...event.dataTransfer.files];
        if (files.length > 0) take?.(files);
      }}
      style={{ outline: over ? "2px dashed var(--mantine-primary-color-filled)" : undefined, outlineOffset: 6 }}
    >
      <Stack>
        {(uploading.data ?? []).map(({ name, detail }) => (
          <Alert key={name} color="red" role="alert" title={words.notUploaded(name)}>
            {detail}
          </Alert>
        ))}
        <Group gap="sm">
          {allowed && (
            <FileButton multiple onChange={(files) => files.length > 0 && take?.(files)} inputProps={{ "aria-label": words.upload }}>
              {(props) => (
                <Button leftSection={<IconUpload size={16} aria-hidden />} loading={uploading.isPending} {...props}>
                  {words.upload}
                </Button>
              )}
            </FileButton>
          )}
          {may("attachments:fetch") && (
            <Button variant="default" leftSection={<IconCloudDownload size={16} aria-hidden />} onClick={fetch.open}>
              {words.byUrl}
            </Button>
          )}
          {allowed && (
            <Text size="sm" c="dimmed">
              {words.drop}
            </Text>
          )}
        </Group>
        {children}
      </Stack>
      <Modal opened={fetching} onClose={fetch.close} title={words.byUrlTitle} closeButtonProps={{ "aria-label": t.common.close }}>
        <FetchForm group={group} onClose={fetch.close} />
      </Modal>
    </div>
  );
}
