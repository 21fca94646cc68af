import { Button, FileButton, Group, Image, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPhotoUp, IconTrash } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { User } from "../api/types";
import { useSpeech } from "../i18n";
import { ConfirmedAct } from "./confirm";
import { Face } from "./person";
import { ProblemAlert } from "./problem";

/** The media types of pictures that are taken. */
export const PICTURE_TYPES = "image/png,image/jpeg,image/gif,image/webp";
const MOST_BYTES = 2 * 1024 * 1024;

/** A picture as the form the API reads it from. */
export function pictureForm(file: File): FormData {
  const form = new FormData();
  form.append("file", file);
  return form;
}

function Preview({ file, onDrop, onUpload, pending }: { file: File; onDrop: () => void; onUpload: () => void; pending: boolean }) {
  const { t } = useSpeech();
  const image = useRef<HTMLImageElement>(null);
  useEffect(() => {
    const made = URL.createObjectURL(file);
    if (image.current !== null) image.current.src = made;
    return () => URL.revokeObjectURL(made);
  }, [file]);
  const tooLarge = file.size > MOST_BYTES;
  return (
    <Group align="center">
      <Image ref={image} alt={t.picture.preview} w={96} h={96} radius="50%" fit="cover" />
      <Stack gap="xs">
        <Text size="sm" c={tooLarge ? "var(--mantine-color-error)" : "dimmed"} role={tooLarge ? "alert" : undefined}>
          {tooLarge ? t.picture.tooLarge : t.picture.previewHint}
        </Text>
        <Group gap="xs">
          <Button size="compact-md" onClick={onUpload} loading={pending} disabled={tooLarge}>
            {t.picture.use}
          </Button>
          <Button size="compact-md" variant="default" onClick={onDrop}>
            {t.common.cancel}
          </Button>
        </Group>
      </Stack>
    </Group>
  );
}

/** Somebody's picture: shown, replaced, removed. */
export function Picture({
  user,
  mayUpload,
  mayRemove,
  upload,
  remove,
  onDone,
}: {
  user: User;
  mayUpload: boolean;
  mayRemove: boolean;
  upload: (file: File) => Promise<unknown>;
  remove: () => Promise<unknown>;
  onDone: () => unknown;
}) {
  const { t } = useSpeech();
  const [file, setFile] = useState<File | null>(null);
  const uploading = useMutation({
    mutationFn: upload,
    onSuccess: async () => {
      await onDone();
      setFile(null);
      notifications.show({ color: "teal", message: t.picture.saved });
    },
  });
  return (
    <Stack>
      {uploading.isError && <ProblemAlert error={uploading.error} />}
      {file !== null ? (
        <Preview
          file={file}
          pending={uploading.isPending}
          onDrop={() => {
            setFile(null);
            uploading.reset();
          }}
          onUpload={() => uploading.mutate(file)}
        />
      ) : (
        <Group align="center">
          <Face user={user} size={72} />
          {mayUpload && (
            <FileButton accept={PICTURE_TYPES} onChange={setFile} inputProps={{ "aria-label": t.picture.choose }}>
              {(props) => (
                <Button variant="default" size="compact-md" leftSection={<IconPhotoUp size={16} aria-hidden />} {...props}>
                  {t.picture.choose}
                </Button>
              )}
            </FileButton>
          )}
          {mayRemove && user.spec.avatar !== undefined && (
            <ConfirmedAct
              label={t.picture.remove}
              title={t.picture.remove}
              what={t.picture.removeWhat}
              act={remove}
              done={t.picture.removed}
              onDone={onDone}
              variant="subtle"
              size="compact-md"
              leftSection={<IconTrash size={16} aria-hidden />}
            />
          )}
        </Group>
      )}
    </Stack>
  );
}
