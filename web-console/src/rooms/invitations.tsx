import { Badge, Button, Group, Skeleton, Table } from "@mantine/core";
import { IconMailForward, IconUserPlus } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { api, body } from "../api/client";
import { invitationsQuery } from "../api/queries";
import type { Invitation } from "../api/types";
import { useSpeech } from "../i18n";
import { ConfirmedAct } from "../parts/confirm";
import { Empty } from "../parts/empty";
import { LinkBack } from "../parts/link";
import { Moment, When } from "../parts/moment";
import { Page } from "../parts/page";
import { More } from "../parts/paging";
import classes from "../parts/parts.module.css";
import { ProblemAlert } from "../parts/problem";
import { useRoles } from "../parts/role-select";
import { roleWords } from "../parts/role-words";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { Invite } from "./invite";

function Row({ invitation, onAgain }: { invitation: Invitation; onAgain: (name: string) => void }) {
  const { t } = useSpeech();
  const may = useMay();
  const client = useQueryClient();
  const known = useRoles();
  const nameOf = (name: string) => {
    const role = known.find(({ metadata }) => metadata.name === name);
    return role === undefined ? name : roleWords(t, role).name;
  };
  const { name, creationTimestamp } = invitation.metadata;
  const { email, roles } = invitation.spec;
  return (
    <Table.Tr>
      <Table.Td fw={560} style={{ overflowWrap: "anywhere" }}>
        {email}
      </Table.Td>
      <Table.Td>
        {roles.length === 0 ? (
          "–"
        ) : (
          <Group gap={4}>
            {roles.map((role) => (
              <Badge key={role} variant="default">
                {nameOf(role)}
              </Badge>
            ))}
          </Group>
        )}
      </Table.Td>
      <Table.Td>
        <Moment at={creationTimestamp} />
      </Table.Td>
      <Table.Td>
        <When at={invitation.status.expiresAt} />
      </Table.Td>
      <Table.Td>
        <Group gap="xs" justify="flex-end" wrap="nowrap">
          {may("invitations:create") && (
            <Button variant="default" size="compact-sm" onClick={() => onAgain(name)}>
              {t.invitations.inviteAgain}
            </Button>
          )}
          {may("invitations:delete") && (
            <ConfirmedAct
              label={t.invitations.withdraw}
              title={t.invitations.withdrawOf(email)}
              what={t.invitations.withdrawWhat(email)}
              act={() => body(api.DELETE("/invitations/{invitation}", { params: { path: { invitation: name } } }))}
              done={t.invitations.withdrawn(email)}
              onDone={() => client.invalidateQueries(invitationsQuery)}
              size="compact-sm"
            />
          )}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

function List({ onInvite, onAgain }: { onInvite: () => void; onAgain: (name: string) => void }) {
  const { t } = useSpeech();
  const may = useMay();
  const invitations = useInfiniteQuery(invitationsQuery);
  const items = invitations.data?.pages.flatMap((page) => page.items);
  if (items === undefined) {
    return invitations.isError ? (
      <ProblemAlert error={invitations.error} onRetry={() => void invitations.refetch()} />
    ) : (
      <Skeleton height={240} radius="lg" role="status" aria-label={t.common.loading} />
    );
  }
  return (
    <div className={classes.surface}>
      {items.length === 0 ? (
        <Empty icon={<IconMailForward />} title={t.invitations.empty} hint={t.invitations.emptyHint}>
          {may("invitations:create") && <Button onClick={onInvite}>{t.invitations.invite}</Button>}
        </Empty>
      ) : (
        <Table.ScrollContainer minWidth={640} type="native">
          <Table verticalSpacing={6} horizontalSpacing="sm" className={classes.table} aria-label={t.invitations.table}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{t.invitations.address}</Table.Th>
                <Table.Th scope="col">{t.users.roles}</Table.Th>
                <Table.Th scope="col">{t.invitations.made}</Table.Th>
                <Table.Th scope="col">{t.invitations.expires}</Table.Th>
                <Table.Td />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((invitation) => (
                <Row key={invitation.metadata.name} invitation={invitation} onAgain={onAgain} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <More list={invitations} label={t.invitations.more} />
    </div>
  );
}

/** Who was invited and has no account yet. */
export function Invitations() {
  const { t } = useSpeech();
  const may = useMay();
  const { create, again } = useSearch({ from: "/inside/invitations" });
  const navigate = useNavigate({ from: "/invitations" });
  const invite = () => void navigate({ search: { create: "1" } });
  const { data } = useInfiniteQuery({ ...invitationsQuery, enabled: again !== undefined && may("invitations:list") });
  const former = data?.pages.flatMap((page) => page.items).find(({ metadata }) => metadata.name === again);
  return (
    <Guarded allowed={may("invitations:list")}>
      <Page
        title={t.shell.invitations}
        hint={t.invitations.hint}
        above={
          may("users:list") && (
            <LinkBack to="/users">{t.user.back}</LinkBack>
          )
        }
        actions={
          may("invitations:create") && (
            <Button leftSection={<IconUserPlus size={18} aria-hidden />} onClick={invite}>
              {t.invitations.invite}
            </Button>
          )
        }
      >
        <List onInvite={invite} onAgain={(name) => void navigate({ search: { again: name } })} />
      </Page>
      {may("invitations:create") && (
        <Invite
          opened={create !== undefined || former !== undefined}
          former={former}
          onClose={() => void navigate({ search: {}, replace: true })}
        />
      )}
    </Guarded>
  );
}
