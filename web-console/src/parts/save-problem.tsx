import { Alert, Button, Stack, Text } from "@mantine/core";
import { IconRefreshAlert } from "@tabler/icons-react";
import { problemOf, type FieldProblem } from "../api/problem";
import { useSpeech } from "../i18n";
import { ProblemAlert } from "./problem";

/** Why something was not saved. If somebody else was faster, there is a way to what they made of it. */
export function SaveProblem({ error, others, onReload }: { error: unknown; others?: FieldProblem[]; onReload: () => void }) {
  const { t } = useSpeech();
  const { code } = problemOf(error);
  if (code !== "version_conflict" && code !== "precondition_failed") return <ProblemAlert error={error} others={others} />;
  return (
    <Alert color="yellow" role="alert" icon={<IconRefreshAlert aria-hidden />} title={t.problem.changed} data-problem={code}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{t.problem.changedHint}</Text>
        <Button size="compact-sm" variant="default" onClick={onReload}>
          {t.problem.reload}
        </Button>
      </Stack>
    </Alert>
  );
}
