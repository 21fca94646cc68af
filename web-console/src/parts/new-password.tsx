import { Alert, Code, Group, Input, PasswordInput, SegmentedControl, Stack, Text, type PasswordInputProps } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useSpeech } from "../i18n";
import { CopyText } from "./copy";

/** A password for somebody else: made here, or chosen. */
export function NewPassword({
  generated,
  onGenerated,
  hint,
  ...input
}: PasswordInputProps & { generated: boolean; onGenerated: (generated: boolean) => void; hint: string }) {
  const { t } = useSpeech();
  return (
    <Input.Wrapper label={t.create.password} labelElement="div">
      <SegmentedControl
        fullWidth
        mt={4}
        aria-label={t.create.passwordHow}
        value={generated ? "generate" : "choose"}
        onChange={(how) => onGenerated(how === "generate")}
        data={[
          { value: "generate", label: t.create.generate },
          { value: "choose", label: t.create.choose },
        ]}
      />
      {generated ? (
        <>
          <Text size="xs" c="dimmed" mt={6}>
            {hint}
          </Text>
          {/* A policy may ask for more than what is made here. */}
          {input.error && (
            <Input.Error mt={6} role="alert">
              {input.error}
            </Input.Error>
          )}
        </>
      ) : (
        <PasswordInput
          mt="xs"
          aria-label={t.create.password}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ "aria-label": t.signIn.show }}
          {...input}
          aria-invalid={Boolean(input.error)}
          data-path="password"
        />
      )}
    </Input.Wrapper>
  );
}

/** A password that was made here, the only time it is shown. */
export function ShownOnce({ title, password }: { title: string; password: string }) {
  const { t } = useSpeech();
  return (
    <Stack>
      <Alert color="petrol" role="status" icon={<IconKey aria-hidden />} title={title}>
        {t.create.shownOnce}
      </Alert>
      <Group justify="space-between" gap="sm">
        <Code fz="md" px="sm" py={8} aria-label={t.create.generated} data-generated-password>
          {password}
        </Code>
        <CopyText value={password} label={t.common.copy} />
      </Group>
    </Stack>
  );
}
