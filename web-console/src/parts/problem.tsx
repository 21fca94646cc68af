import { Alert, Button, Code, Group, List, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconRefresh } from "@tabler/icons-react";
import { problemOf, problemText, type FieldProblem } from "../api/problem";
import { useFirstSpeech } from "../i18n";
import { CopyText } from "./copy";

/** What a person reads of a problem: the server's own detail wherever it gave one. */
function useWords(error: unknown): string {
  const { t } = useFirstSpeech();
  const problem = problemOf(error);
  if (problem.detail) return problem.detail;
  if (problem.code === "unreachable") return t.problem.unreachable;
  if (problem.code === "unexpected") return t.problem.unexpected;
  return problem.title || t.problem.status(problem.status);
}

/** An error with the server's detail, code and request id, ready to be copied into a report. */
export function ProblemAlert({
  error,
  others,
  onRetry,
}: {
  error: unknown;
  /** Messages about fields that the form does not show. */
  others?: FieldProblem[];
  onRetry?: () => void;
}) {
  const { t } = useFirstSpeech();
  const problem = problemOf(error);
  const detail = useWords(error);
  const hints: Partial<Record<string, string>> = t.problem.hints;
  const hint = hints[problem.code];
  const title = problem.title && problem.title !== detail ? problem.title : t.problem.title;
  return (
    <Alert color="red" role="alert" icon={<IconAlertTriangle aria-hidden />} title={title} data-problem={problem.code}>
      <Stack gap="sm">
        <Text size="sm">{detail}</Text>
        {hint !== undefined && <Text size="sm">{hint}</Text>}
        {others !== undefined && others.length > 0 && (
          <List size="sm">
            {others.map((entry) => (
              <List.Item key={`${entry.field} ${entry.code}`}>
                <Code>{entry.field}</Code> {entry.detail || entry.code}
              </List.Item>
            ))}
          </List>
        )}
        <Group gap="xs" c="dimmed" fz="xs">
          <span>
            {t.problem.code} <Code>{problem.code}</Code>
          </span>
          {problem.requestId !== undefined && (
            <span>
              {t.problem.request} <Code data-request-id>{problem.requestId}</Code>
            </span>
          )}
        </Group>
        <Group gap="xs">
          {onRetry !== undefined && (
            <Button size="compact-sm" variant="default" leftSection={<IconRefresh size={14} />} onClick={onRetry}>
              {t.common.retry}
            </Button>
          )}
          <CopyText value={problemText(problem)} label={t.problem.copy} />
        </Group>
      </Stack>
    </Alert>
  );
}
