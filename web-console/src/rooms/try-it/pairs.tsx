import { Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useSpeech } from "../../i18n";

/** Names and values, in a table that fits on a phone. */
export function Rows({ label, head, rows }: { label: string; head: string; rows: [string, ReactNode][] }) {
  const { t } = useSpeech();
  return (
    <Table verticalSpacing={6} aria-label={label} style={{ overflowWrap: "anywhere" }}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col" w="30%">
            {head}
          </Table.Th>
          <Table.Th scope="col">{t.tryIt.value}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(([name, value], index) => (
          // A parameter may be there twice.
          // oxlint-disable-next-line react/no-array-index-key
          <Table.Tr key={`${name} ${index}`}>
            <Table.Th scope="row" ff="monospace" fw={500} style={{ verticalAlign: "top" }}>
              {name}
            </Table.Th>
            <Table.Td ff="monospace">{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** Parameters of a request or an answer, each with what it is for. */
export function Pairs({ label, pairs }: { label: string; pairs: [string, string][] }) {
  const { t } = useSpeech();
  const meanings: Partial<Record<string, string>> = t.tryIt.parameters;
  return (
    <Rows
      label={label}
      head={t.tryIt.parameter}
      rows={pairs.map(([name, value]) => [
        name,
        <>
          {value}
          <Text size="sm" c="dimmed" ff="text">
            {meanings[name]}
          </Text>
        </>,
      ])}
    />
  );
}
