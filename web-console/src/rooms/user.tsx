import { Group, SimpleGrid, Skeleton, Stack, Text } from "@mantine/core";
import { IconArrowLeft, IconUserQuestion } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { problemOf } from "../api/problem";
import { userQuery } from "../api/queries";
import type { DetailedUser } from "../api/types";
import { useSpeech } from "../i18n";
import { CopyIcon } from "../parts/copy";
import { Empty } from "../parts/empty";
import { LinkButton, LinkText } from "../parts/link";
import { Moment } from "../parts/moment";
import { Facts, Page, Panel, Raw } from "../parts/page";
import { EmailState, Face, UserState } from "../parts/person";
import { ProblemAlert } from "../parts/problem";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";

function Profile({ detail }: { detail: DetailedUser }) {
  const { t } = useSpeech();
  const { user, roles } = detail;
  const { metadata, spec, status } = user;
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, md: 2 }} style={{ alignItems: "start" }}>
        <Panel title={t.user.profile} aside={<Face user={user} size={44} />}>
          <Facts
            facts={[
              [t.user.name, metadata.name],
              [t.user.displayName, spec.displayName || "–"],
              [
                t.user.email,
                <Stack key="email" gap={4}>
                  <Group gap="xs">
                    {spec.email}
                    <EmailState verified={spec.emailVerified} />
                  </Group>
                  {spec.pendingEmail && (
                    <Text size="xs" c="dimmed">
                      {t.user.pendingEmail(spec.pendingEmail)}
                    </Text>
                  )}
                </Stack>,
              ],
              ...(spec.phone ? [[t.user.phone, spec.phone] as [string, string]] : []),
              ...(spec.bio ? [[t.user.bio, spec.bio] as [string, string]] : []),
              [t.user.created, <Moment key="created" at={metadata.creationTimestamp} />],
              [
                t.user.id,
                <Group key="id" gap={4} wrap="nowrap">
                  <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
                    {status.id}
                  </Text>
                  <CopyIcon value={status.id} label={t.common.copy} />
                </Group>,
              ],
            ]}
          />
        </Panel>
        <Panel title={t.user.roles} hint={t.user.rolesHint}>
          {roles.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t.user.noRoles}
            </Text>
          ) : (
            <Facts
              facts={roles.map((role) => [
                role.spec.displayName || role.metadata.name,
                role.spec.description || role.metadata.name,
              ])}
            />
          )}
        </Panel>
      </SimpleGrid>
      <Panel title={t.common.raw} hint={t.common.rawHint}>
        <Raw value={detail} label={t.common.raw} copy={<CopyIcon value={JSON.stringify(detail, null, 2)} label={t.common.copyRaw} />} />
      </Panel>
    </Stack>
  );
}

function Loaded({ name }: { name: string }) {
  const { t } = useSpeech();
  const user = useQuery(userQuery(name));
  const may = useMay();
  const back = may("users:list") && (
    <LinkText to="/users" size="sm" mb="sm" display="inline-flex" style={{ alignItems: "center", gap: 6 }}>
      <IconArrowLeft size={16} aria-hidden />
      {t.user.back}
    </LinkText>
  );
  if (user.isError && user.data === undefined) {
    if (problemOf(user.error).status === 404) {
      return (
        <Page title={name} above={back}>
          <Empty icon={<IconUserQuestion />} title={t.user.missing(name)} hint={t.user.missingHint}>
            <LinkButton to="/users" variant="default">
              {t.user.back}
            </LinkButton>
          </Empty>
        </Page>
      );
    }
    return (
      <Page title={name} above={back}>
        <ProblemAlert error={user.error} onRetry={() => void user.refetch()} />
      </Page>
    );
  }
  const { data } = user;
  return (
    <Page
      title={data?.user.spec.displayName || name}
      badge={data !== undefined && <UserState disabled={data.user.spec.disabled} />}
      above={back}
    >
      {data === undefined ? (
        <SimpleGrid cols={{ base: 1, md: 2 }} aria-busy aria-label={t.common.loading}>
          <Skeleton height={280} radius="lg" />
          <Skeleton height={160} radius="lg" />
        </SimpleGrid>
      ) : (
        <Profile detail={data} />
      )}
    </Page>
  );
}

/** One person, as far as the server tells. */
export function UserPage() {
  const { name } = useParams({ from: "/inside/users/$name" });
  const may = useMay();
  return (
    <Guarded allowed={may("users:get")}>
      <Loaded name={name} key={name} />
    </Guarded>
  );
}
