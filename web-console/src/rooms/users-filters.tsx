import { Button, Group, NativeSelect } from "@mantine/core";
import { IconFilterOff } from "@tabler/icons-react";
import { useFirstSpeech } from "../i18n";
import { roleLabel, useRoles } from "../parts/role-select";
import { DEFAULT_SORT, isFiltered, SORTS, type Sort, type UsersSearch } from "./users-search";

/** What the list is cut down to, and its order. */
export function Filters({ search, onChange }: { search: UsersSearch; onChange: (change: Partial<UsersSearch>) => void }) {
  const { t } = useFirstSpeech();
  const roles = useRoles();
  return (
    <Group gap="xs" mb="sm">
      {roles.length > 0 && (
        <NativeSelect
          aria-label={t.users.filterRole}
          data={[
            { value: "", label: t.users.anyRole },
            ...roles
              .filter(({ metadata, status }) => status.grantable || metadata.name === search.role)
              .map((role) => ({ value: role.metadata.name, label: roleLabel(t, role) })),
          ]}
          value={search.role ?? ""}
          onChange={({ currentTarget: { value } }) => onChange({ role: value === "" ? undefined : value })}
          flex="1 1 150px"
          maw={240}
        />
      )}
      <NativeSelect
        aria-label={t.users.filterState}
        value={search.state ?? ""}
        data={[
          { value: "", label: t.users.anyState },
          { value: "active", label: t.users.active },
          { value: "disabled", label: t.users.disabled },
        ]}
        onChange={({ currentTarget: { value } }) =>
          onChange({ state: value === "active" || value === "disabled" ? value : undefined })
        }
        flex="1 1 120px"
        maw={180}
      />
      <NativeSelect
        aria-label={t.users.filterVerified}
        value={search.verified ?? ""}
        data={[
          { value: "", label: t.users.anyVerified },
          { value: "yes", label: t.users.verified },
          { value: "no", label: t.users.unverified },
        ]}
        onChange={({ currentTarget: { value } }) => onChange({ verified: value === "yes" || value === "no" ? value : undefined })}
        flex="1 1 120px"
        maw={180}
      />
      <NativeSelect
        aria-label={t.users.sort}
        value={search.sort ?? DEFAULT_SORT}
        data={SORTS.map((sort) => ({ value: sort, label: t.users.sorts[sort] }))}
        onChange={({ currentTarget: { value } }) => {
          const sort = SORTS.find((known): known is Sort => known === value);
          onChange({ sort: sort === DEFAULT_SORT ? undefined : sort });
        }}
        flex="1 1 150px"
        maw={220}
      />
      {isFiltered(search) && (
        <Button
          variant="subtle"
          leftSection={<IconFilterOff size={16} aria-hidden />}
          onClick={() => onChange({ q: undefined, role: undefined, state: undefined, verified: undefined })}
        >
          {t.users.clearFilters}
        </Button>
      )}
    </Group>
  );
}
