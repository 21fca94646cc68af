import { Textarea, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { User } from "../api/types";
import { useSpeech } from "../i18n";

/** What a person is shown by. */
export interface ProfileValues {
  displayName: string;
  phone: string;
  bio: string;
}

export function profileValues({ spec }: User): ProfileValues {
  return { displayName: spec.displayName, phone: spec.phone ?? "", bio: spec.bio ?? "" };
}

export function ProfileFields<V extends ProfileValues>({ form, disabled = false }: { form: UseFormReturnType<V>; disabled?: boolean }) {
  const { t } = useSpeech();
  return (
    <>
      <TextInput label={t.user.displayName} disabled={disabled} maxLength={100} {...form.getInputProps("displayName")} />
      <TextInput label={t.user.phone} type="tel" disabled={disabled} maxLength={50} {...form.getInputProps("phone")} />
      <Textarea
        label={t.user.bio}
        autosize
        minRows={2}
        maxRows={8}
        disabled={disabled}
        maxLength={2000}
        {...form.getInputProps("bio")}
      />
    </>
  );
}
