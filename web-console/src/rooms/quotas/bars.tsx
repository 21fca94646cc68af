import { SimpleGrid, Text } from "@mantine/core";
import type { TenantQuotas } from "../../api/types";
import { useSpeech } from "../../i18n";
import { Usage } from "../../parts/usage";
import { useBytes } from "../attachments/bytes";
import { isBytes, QUOTAS, usedOf, type Quota } from "./values";

/** How much of a quota is used. What is used of some is not told, and some have no limit but the server's. */
export function QuotaBar({ quota, used, most }: { quota: Quota; used?: number; most?: number }) {
  const { t, format } = useSpeech();
  const words = t.quotas;
  const bytes = useBytes();
  const write = isBytes(quota) ? bytes : format.number;
  if (used === undefined || most === undefined) {
    const said = used !== undefined ? words.used(write(used)) : most !== undefined && words.most(write(most));
    return (
      <Text size="sm" c="dimmed">
        {said}
      </Text>
    );
  }
  return (
    <Usage
      label={words.usedLabel(words.names[quota])}
      text={words.usedOf(write(used), write(most))}
      used={used}
      most={most}
      nearlyFull={used >= most ? words.full : words.nearlyFull}
    />
  );
}

/** How much of everything a tenant has. */
export function QuotaBars({ quotas }: { quotas: TenantQuotas }) {
  const { t } = useSpeech();
  const used = usedOf(quotas);
  const known = QUOTAS.filter((quota) => used[quota] !== undefined || quotas.spec[quota] !== undefined);
  return (
    <SimpleGrid component="ul" cols={{ base: 1, sm: 2, lg: 3 }} m={0} p={0} style={{ listStyle: "none" }} aria-label={t.quotas.title}>
      {known.map((quota) => (
        <li key={quota}>
          <Text size="sm" fw={560}>
            {t.quotas.names[quota]}
          </Text>
          <QuotaBar quota={quota} used={used[quota]} most={quotas.spec[quota]} />
        </li>
      ))}
    </SimpleGrid>
  );
}
