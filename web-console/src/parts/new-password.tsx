import { Input, PasswordInput, SegmentedControl, Text, type PasswordInputProps } from "@mantine/core";
import { useSpeech } from "../i18n";

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
