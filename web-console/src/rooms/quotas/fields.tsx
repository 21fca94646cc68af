import { NumberInput, SimpleGrid, Stack, Text } from "@mantine/core";
import { useSpeech } from "../../i18n";
import { QuotaBar } from "./bars";
import { isBytes, QUOTAS, specOf, type Quota, type QuotaValues } from "./values";

/** A field for each quota, over how much of it is used, if that is known; one that is empty is as the server has it. */
export function QuotaFields({
  input,
  values,
  used,
}: {
  input: (quota: Quota) => object;
  values: QuotaValues;
  used?: Partial<Record<Quota, number>>;
}) {
  const { t } = useSpeech();
  const words = t.quotas;
  const most = specOf(values);
  const hints: Partial<Record<Quota, string>> = words.hints;
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {words.empty}
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {QUOTAS.map((quota) => (
          <Stack key={quota} gap="xs">
            <NumberInput
              label={isBytes(quota) ? `${words.names[quota]} (MiB)` : words.names[quota]}
              description={hints[quota]}
              allowDecimal={isBytes(quota)}
              allowNegative={false}
              hideControls
              thousandSeparator=" "
              {...input(quota)}
            />
            {used?.[quota] !== undefined && <QuotaBar quota={quota} used={used[quota]} most={most[quota]} />}
          </Stack>
        ))}
      </SimpleGrid>
    </Stack>
  );
}
