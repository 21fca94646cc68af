import type { UseFormInput } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { tenantQuery } from "../../api/first-queries";
import { useSpeech } from "../../i18n";
import { useEdit, type Edit } from "../../parts/edit";
import { useMay } from "../../shell/session";

/** Lets somebody change a policy. */
export function usePolicyEdit<P extends { metadata: { version: number }; status: { locked: string[] } }, V extends object>({
  policy,
  ...edit
}: {
  policy: P;
  queryKey: readonly string[];
  values: V;
  validate?: UseFormInput<V>["validate"];
  put: (values: V, match: { "If-Match": string }) => Promise<P>;
}): Edit<V> {
  const { t } = useSpeech();
  const client = useQueryClient();
  const editable = useMay()("policies:update");
  // It tells the name that branding gives the tenant.
  const onSaved = () => void client.invalidateQueries(tenantQuery);
  const { input, ...rest } = useEdit({ object: policy, editable, onSaved, ...edit });
  return {
    ...rest,
    input: (path, type) => {
      const field = input(path, type);
      if (!policy.status.locked.includes(path)) return field;
      return { ...field, disabled: true, description: t.policies.origins.lockedHint };
    },
  };
}
