import { Center, Container, Stack } from "@mantine/core";
import { IconLock, IconMapOff } from "@tabler/icons-react";
import { useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useFirstSpeech } from "../i18n";
import { Empty } from "./empty";
import { LinkButton } from "./link";
import { ProblemAlert } from "./problem";

function Home() {
  const { t } = useFirstSpeech();
  return (
    <LinkButton to="/" variant="default">
      {t.problem.home}
    </LinkButton>
  );
}

/** An address that names nothing. */
export function Lost() {
  const { t } = useFirstSpeech();
  return (
    <Center component="main" mih="70vh">
      <Empty order={1} icon={<IconMapOff />} title={t.problem.notFound} hint={t.problem.notFoundHint}>
        <Home />
      </Empty>
    </Center>
  );
}

/** A page whose code or first data did not arrive. */
export function Broken({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <Container size="xs" py="xl">
      <Stack>
        <ProblemAlert
          error={error}
          onRetry={() => {
            reset();
            void router.invalidate();
          }}
        />
        <div>
          <Home />
        </div>
      </Stack>
    </Container>
  );
}

/** Shows a page only to whom the server would answer; it decides again on every call. */
export function Guarded({ allowed, children }: { allowed: boolean; children: ReactNode }) {
  const { t } = useFirstSpeech();
  if (allowed) return children;
  return (
    <Empty order={1} icon={<IconLock />} title={t.problem.forbidden} hint={t.problem.forbiddenHint}>
      <Home />
    </Empty>
  );
}
