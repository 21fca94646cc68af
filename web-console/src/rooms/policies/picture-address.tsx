import { Button, FileButton, Group, TextInput } from "@mantine/core";
import { IconPhotoUp } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import { problemOf } from "../../api/problem";
import { ownFile } from "../../base";
import { useSpeech } from "../../i18n";
import type { Edit } from "../../parts/edit";
import { PICTURE_TYPES, pictureForm } from "../../parts/picture";
import { useMay } from "../../shell/session";
import { useChanged } from "../attachments/upload";
import type { BrandingValues } from "./branding-values";

/** Keeps a picture among the files of the tenant, for anybody to see, and answers where. */
async function keep(file: File): Promise<string> {
  const { metadata } = await body(
    api.POST("/attachments/upload", { body: { file: file.name }, bodySerializer: () => pictureForm(file) }),
  );
  const shown = await body(
    api.PATCH("/attachments/{name}", {
      params: { path: { name: metadata.name } },
      headers: { "Content-Type": "application/merge-patch+json" },
      body: { spec: { visibility: "public" } },
    }),
  );
  return ownFile(shown.status.permalink, document.baseURI) ?? shown.status.permalink;
}

/** The address of a picture, which may be uploaded here. */
export function PictureAddress({
  edit,
  path,
  label,
  hint,
}: {
  edit: Edit<BrandingValues>;
  path: string;
  label: string;
  hint?: string;
}) {
  const { t } = useSpeech();
  const words = t.policies.branding;
  const may = useMay();
  const changed = useChanged();
  const field = edit.input(path);
  const uploading = useMutation({
    mutationFn: keep,
    onSuccess: (address) => {
      edit.form.clearFieldError(path);
      edit.form.setFieldValue(path, address as never);
    },
    onError: (error) => {
      const { detail, errors } = problemOf(error);
      edit.form.setFieldError(path, [detail, ...errors.map((wrong) => wrong.detail)].join(" "));
    },
    onSettled: changed,
  });
  const mayUpload = !field.disabled && may("attachments:create") && may("attachments:update");
  return (
    <Group align="end" wrap="nowrap" gap="xs">
      <TextInput
        style={{ flex: 1 }}
        label={label}
        description={hint}
        autoComplete="off"
        spellCheck={false}
        maxLength={1000}
        inputWrapperOrder={["label", "description", "error", "input"]}
        {...field}
      />
      {mayUpload && (
        <FileButton accept={PICTURE_TYPES} onChange={(file) => file !== null && uploading.mutate(file)} inputProps={{ "aria-label": words.uploadOf(label) }}>
          {(props) => (
            <Button variant="default" loading={uploading.isPending} leftSection={<IconPhotoUp size={16} aria-hidden />} aria-label={words.uploadOf(label)} {...props}>
              {words.upload}
            </Button>
          )}
        </FileButton>
      )}
    </Group>
  );
}
