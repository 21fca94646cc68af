import { Badge, Group, Skeleton, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { templatesQuery } from "../api/queries";
import type { TemplateSummary } from "../api/types";
import { useSpeech } from "../i18n";
import { LinkText } from "../parts/link";
import { Page, Panel } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { kindOf } from "./message";

/** How a template stands: as it comes, the tenant's own, and whether it needs somebody. */
export function Standing({ of }: { of: Pick<TemplateSummary, "isDefault" | "outdated" | "broken"> }) {
  const { t } = useSpeech();
  const words = t.templates;
  return (
    <Group gap={6}>
      <Badge color={of.isDefault ? "gray" : "petrol"}>{of.isDefault ? words.isDefault : words.own}</Badge>
      {of.outdated && <Badge color="yellow">{words.outdated}</Badge>}
      {of.broken && <Badge color="red">{words.broken}</Badge>}
    </Group>
  );
}

function All() {
  const { t } = useSpeech();
  const words = t.templates;
  const may = useMay();
  const templates = useQuery(templatesQuery);
  const languages = templates.data?.items[0]?.languages.map(({ language }) => language) ?? [];
  return (
    <Page title={t.shell.templates} hint={words.hint}>
      {templates.isError && <ProblemAlert error={templates.error} onRetry={() => void templates.refetch()} />}
      {templates.isPending && <Skeleton height={320} />}
      {templates.data !== undefined && (
        <Panel title={words.table}>
          <Table.ScrollContainer minWidth={560} scrollAreaProps={{ viewportProps: { tabIndex: 0, "aria-label": words.table } }}>
            <Table verticalSpacing="sm" aria-label={words.table}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{words.kind}</Table.Th>
                  {languages.map((language) => (
                    <Table.Th key={language}>{words.languages[language]}</Table.Th>
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {templates.data.items.map(({ template, languages: each }) => (
                  <Table.Tr key={template}>
                    <Table.Th scope="row" fw={560}>
                      {kindOf(t, template)}
                    </Table.Th>
                    {each.map((one) => (
                      <Table.Td key={one.language}>
                        <Stack gap={4}>
                          {may("message-templates:get") ? (
                            <LinkText to="/templates/$kind/$language" params={{ kind: template, language: one.language }} size="sm">
                              {one.subject}
                            </LinkText>
                          ) : (
                            <Text size="sm">{one.subject}</Text>
                          )}
                          <Standing of={one} />
                        </Stack>
                      </Table.Td>
                    ))}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Panel>
      )}
    </Page>
  );
}

/** The texts of messages, by kind and language. */
export function Templates() {
  const may = useMay();
  return (
    <Guarded allowed={may("message-templates:list")}>
      <All />
    </Guarded>
  );
}
