import { Table, Text } from "@mantine/core";
import { useSpeech } from "../../i18n";

/** Names and values of a request or an answer, each with what it is for. */
export function Pairs({ label, pairs }: { label: string; pairs: [string, string][] }) {
  const { t } = useSpeech();
  const meanings: Partial<Record<string, string>> = t.tryIt.parameters;
  return (
    <Table.ScrollContainer minWidth={420} type="native">
      <Table verticalSpacing={6} aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {[t.tryIt.parameter, t.tryIt.value, t.tryIt.meaning].map((name) => (
              <Table.Th key={name} scope="col">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {pairs.map(([name, value], index) => (
            // A parameter may be there twice.
            // oxlint-disable-next-line react/no-array-index-key
            <Table.Tr key={`${name} ${index}`}>
              <Table.Th scope="row" ff="monospace" fw={500}>
                {name}
              </Table.Th>
              <Table.Td ff="monospace" style={{ overflowWrap: "anywhere" }}>
                {value}
              </Table.Td>
              <Table.Td>
                <Text size="sm" c="dimmed">
                  {meanings[name] ?? ""}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
