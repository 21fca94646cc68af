import { Badge, Button, Group, NativeSelect, Popover, Select, Stack, Text } from "@mantine/core";
import { IconFilterOff, IconShieldCheck, IconShieldX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { permissionsQuery, verificationQuery } from "../api/queries";
import { useSpeech } from "../i18n";
import { AuditTrail } from "../parts/audit-trail";
import { CopyIcon } from "../parts/copy";
import { TextFilter, TimeFilter } from "../parts/filters";
import { Page } from "../parts/page";
import classes from "../parts/parts.module.css";
import { ProblemAlert } from "../parts/problem";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { auditAsked, OUTCOMES, type AuditSearch } from "./audit-search";

function Filters({ search, onChange }: { search: AuditSearch; onChange: (change: AuditSearch) => void }) {
  const { t } = useSpeech();
  const may = useMay();
  const permissions = useQuery({ ...permissionsQuery, enabled: may("permissions:list") });
  const actions = (permissions.data?.items ?? []).map(({ name }) => name);
  if (search.action !== undefined && !actions.includes(search.action)) actions.push(search.action);
  const some = Object.values(auditAsked(search)).some((value) => value !== undefined);
  return (
    <Group gap="xs" mb="md" align="flex-end">
      <TextFilter label={t.audit.actor} value={search.actor} onChange={(actor) => onChange({ actor })} />
      {actions.length > 0 ? (
        <Select
          label={t.audit.action}
          data={actions}
          searchable
          clearable
          clearButtonProps={{ "aria-label": t.common.clear }}
          value={search.action ?? null}
          onChange={(action) => onChange({ action: action ?? undefined })}
          flex="1 1 160px"
          maw={260}
        />
      ) : (
        <TextFilter label={t.audit.action} value={search.action} onChange={(action) => onChange({ action })} />
      )}
      <TextFilter label={t.audit.object} value={search.object} onChange={(object) => onChange({ object })} />
      <NativeSelect
        label={t.audit.outcome}
        value={search.outcome ?? ""}
        data={[
          { value: "", label: t.audit.anyOutcome },
          ...OUTCOMES.map((outcome) => ({ value: outcome, label: t.audit.outcomes[outcome] })),
        ]}
        onChange={({ currentTarget: { value } }) => onChange({ outcome: OUTCOMES.find((known) => known === value) })}
        flex="1 1 120px"
        maw={180}
      />
      <TimeFilter label={t.audit.since} value={search.since} onChange={(since) => onChange({ since })} />
      <TimeFilter label={t.audit.until} value={search.until} onChange={(until) => onChange({ until })} />
      {search.request !== undefined && (
        <TextFilter label={t.audit.request} value={search.request} onChange={(request) => onChange({ request })} />
      )}
      {some && (
        <Button
          variant="subtle"
          leftSection={<IconFilterOff size={16} aria-hidden />}
          onClick={() =>
            onChange({
              actor: undefined,
              action: undefined,
              object: undefined,
              outcome: undefined,
              request: undefined,
              since: undefined,
              until: undefined,
            })
          }
        >
          {t.users.clearFilters}
        </Button>
      )}
    </Group>
  );
}

/** Whether the trail is as it was written, and what to note elsewhere to know that its end is still there. */
function Integrity() {
  const { t, format } = useSpeech();
  const verification = useQuery(verificationQuery);
  const { data } = verification;
  if (verification.isError) return <ProblemAlert error={verification.error} onRetry={() => void verification.refetch()} />;
  if (data === undefined) {
    return (
      <Text size="sm" c="dimmed" role="status">
        {t.audit.checking}
      </Text>
    );
  }
  const Icon = data.intact ? IconShieldCheck : IconShieldX;
  return (
    <Popover width={320} position="bottom-end" shadow="md" withinPortal trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="light"
          color={data.intact ? "teal" : "red"}
          leftSection={<Icon size={18} aria-hidden />}
          data-intact={data.intact}
        >
          {data.intact ? t.audit.intact : t.audit.broken}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t.audit.integrity}>
        <Stack gap="xs">
          <Text size="sm">
            {data.intact
              ? t.audit.intactHint(format.number(data.events))
              : t.audit.brokenHint(format.number(data.brokenAt ?? data.events + 1))}
          </Text>
          {data.head !== "" && (
            <>
              <Text size="xs" c="dimmed">
                {t.audit.headHint}
              </Text>
              <Group gap={4} wrap="nowrap">
                <span className={classes.code}>{data.head}</span>
                <CopyIcon value={data.head} label={t.common.copy} />
              </Group>
            </>
          )}
          <div>
            <Button size="compact-sm" variant="default" loading={verification.isFetching} onClick={() => void verification.refetch()}>
              {t.audit.checkAgain}
            </Button>
          </div>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function Trail() {
  const { t } = useSpeech();
  const may = useMay();
  const search = useSearch({ from: "/inside/audit" });
  const navigate = useNavigate({ from: "/audit" });
  const go = (change: AuditSearch, replace = false) =>
    void navigate({ search: (known) => ({ ...known, ...change }), replace });
  const asked = auditAsked(search);
  const filtered = Object.values(asked).some((value) => value !== undefined);
  return (
    <Page title={t.audit.title} hint={t.audit.hint} actions={may("audit-events:verify") && <Integrity />}>
      <Filters search={search} onChange={(change) => go({ ...change, before: undefined, event: undefined }, true)} />
      {search.before !== undefined && (
        <Badge mb="sm" color="gray">
          {t.audit.olderPart}
        </Badge>
      )}
      <AuditTrail
        asked={asked}
        filtered={filtered}
        after={search.before}
        onAfter={(before) => go({ before, event: undefined })}
        event={search.event}
        onEvent={(event) => go({ event })}
      />
    </Page>
  );
}

/** Everything that was done, refused and denied. */
export function Audit() {
  const may = useMay();
  return (
    <Guarded allowed={may("audit-events:list")}>
      <Trail />
    </Guarded>
  );
}
