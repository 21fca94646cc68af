import { Alert, Button, Group, List, Skeleton, Stack, Text, ThemeIcon } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCheck, IconStethoscope, IconX } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import type { ProviderConfig } from "../../api/types";
import { useSpeech } from "../../i18n";
import { Modal } from "../../parts/dialog";
import { ProblemAlert } from "../../parts/problem";

/** Looks at a provider, and leads to a dry run with whoever is signed in. */
export function TryProvider({ provider }: { provider: ProviderConfig }) {
  const { t } = useSpeech();
  const words = t.providers;
  const [opened, { open, close }] = useDisclosure(false);
  const { name } = provider.metadata;
  const trial = useMutation({
    mutationFn: () => body(api.POST("/auth-provider-configs/{name}/test", { params: { path: { name } } })),
  });
  const start = () => {
    open();
    trial.mutate();
  };
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconStethoscope size={16} aria-hidden />}
        onClick={start}
        disabled={provider.status.missing.length > 0}
      >
        {words.try}
      </Button>
      <Modal opened={opened} onClose={close} title={words.tryOf(provider.spec.displayName)}>
        <Stack>
          {trial.isPending && <Skeleton height={96} aria-label={words.trying} />}
          {trial.isError && <ProblemAlert error={trial.error} onRetry={() => trial.mutate()} />}
          {trial.data && (
            <>
              <List spacing="sm" center={false} aria-live="polite">
                {trial.data.checks.map((one) => (
                  <List.Item
                    key={one.check}
                    icon={
                      <ThemeIcon size={20} radius="xl" color={one.ok ? "petrol" : "red"}>
                        {one.ok ? <IconCheck size={14} aria-hidden /> : <IconX size={14} aria-hidden />}
                      </ThemeIcon>
                    }
                  >
                    <Text size="sm" fw={600}>
                      {words.checks[one.check]}: {one.ok ? words.checkIsFine : words.checkFailed}
                    </Text>
                    <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                      {one.detail}
                    </Text>
                  </List.Item>
                ))}
              </List>
              <Alert color="petrol" title={words.dryRun}>
                <Stack gap="xs">
                  <Text size="sm">{words.dryRunWhat}</Text>
                  <Group>
                    <Button component="a" variant="default" size="xs" href={dryRun(trial.data.dryRunUrl, name)}>
                      {words.dryRunStart}
                    </Button>
                  </Group>
                </Stack>
              </Alert>
            </>
          )}
        </Stack>
      </Modal>
    </>
  );
}

/** The address of a dry run that leads back to the provider's page. */
function dryRun(address: string, name: string): string {
  const url = new URL(address);
  const console = window.location.pathname.split("/sign-in-methods")[0] ?? "";
  url.searchParams.set("return_to", `${console}/sign-in-methods/${name}`);
  return url.toString();
}
