import { ActionIcon, AppShell, Box, Burger, Group, ScrollArea, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconAdjustments, IconApi, IconApps, IconArchive, IconBuildingCommunity, IconChartBar, IconHelpHexagon, IconHistory, IconKey, IconLogin2, IconLogout, IconMail, IconMailForward, IconPaperclip, IconSend, IconShieldLock, IconTemplate, IconUserCircle, IconUsers, IconWorldCog, IconWorldShare, IconWorldWww } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef } from "react";
import { problemOf } from "../api/problem";
import { tenantQuery } from "../api/queries";
import { useFirstSpeech } from "../i18n";
import { later } from "../later";
import { LinkNav } from "../parts/link";
import { Face } from "../parts/person";
import { Mark } from "./mark";
import { Preferences } from "./preferences";
import { useMay, useSession, useSignOut } from "./session";
import classes from "./shell.module.css";
import { useMayOperate, useTenantName } from "./tenant";
import { FailingSenders } from "./trouble";

function Brand() {
  const { t } = useFirstSpeech();
  return (
    <Group gap="sm" wrap="nowrap" miw={0}>
      <Mark />
      <Box miw={0}>
        <Text fw={650} lh={1.2} truncate>
          {useTenantName() || " "}
        </Text>
        <Text size="xs" c="dimmed" lh={1.3}>
          {t.shell.console}
        </Text>
      </Box>
    </Group>
  );
}

function Rooms({ onGo }: { onGo: () => void }) {
  const { t } = useFirstSpeech();
  const may = useMay();
  const mayOperate = useMayOperate();
  const { data: tenant } = useQuery(tenantQuery);
  const link = { onClick: onGo, className: classes.link, activeProps: { "aria-current": "page" as const } };
  return (
    <>
      {may("stats/overview:get") && (
        <LinkNav to="/overview" label={t.shell.overview} leftSection={<IconChartBar size={19} aria-hidden />} {...link} />
      )}
      {may("users:list") && <LinkNav to="/users" label={t.shell.users} leftSection={<IconUsers size={19} aria-hidden />} {...link} />}
      {/* Whoever may see users finds invitations there. */}
      {may("invitations:list") && !may("users:list") && (
        <LinkNav to="/invitations" label={t.shell.invitations} leftSection={<IconMailForward size={19} aria-hidden />} {...link} />
      )}
      {may("roles:list") && (
        <LinkNav to="/roles" label={t.shell.roles} leftSection={<IconShieldLock size={19} aria-hidden />} {...link} />
      )}
      {may("permissions:explain") && (
        <LinkNav to="/explainer" label={t.shell.explainer} leftSection={<IconHelpHexagon size={19} aria-hidden />} {...link} />
      )}
      {may("applications:list") && (
        <LinkNav to="/applications" label={t.shell.applications} leftSection={<IconApps size={19} aria-hidden />} {...link} />
      )}
      {may("resource-servers:list") && <LinkNav to="/apis" label={t.shell.apis} leftSection={<IconApi size={19} aria-hidden />} {...link} />}
      {may("auth-provider-configs:list") && (
        <LinkNav to="/sign-in-methods" label={t.shell.providers} leftSection={<IconLogin2 size={19} aria-hidden />} {...link} />
      )}
      {may("signing-keys:list") && <LinkNav to="/keys" label={t.shell.keys} leftSection={<IconKey size={19} aria-hidden />} {...link} />}
      {may("audit-events:list") && (
        <LinkNav to="/audit" label={t.shell.audit} leftSection={<IconHistory size={19} aria-hidden />} {...link} />
      )}
      {may("policies:get") && (
        <LinkNav to="/policies" label={t.shell.policies} leftSection={<IconAdjustments size={19} aria-hidden />} {...link} />
      )}
      {may("domains:list") && (
        <LinkNav to="/domains" label={t.shell.domains} leftSection={<IconWorldWww size={19} aria-hidden />} {...link} />
      )}
      {may("attachments:list") && (
        <LinkNav to="/attachments" label={t.shell.attachments} leftSection={<IconPaperclip size={19} aria-hidden />} {...link} />
      )}
      {may("backups:list") && (
        <LinkNav to="/backups" label={t.shell.backups} leftSection={<IconArchive size={19} aria-hidden />} {...link} />
      )}
      {may("senders:list") && <LinkNav to="/senders" label={t.shell.senders} leftSection={<IconSend size={19} aria-hidden />} {...link} />}
      {may("message-templates:list") && (
        <LinkNav to="/templates" label={t.shell.templates} leftSection={<IconTemplate size={19} aria-hidden />} {...link} />
      )}
      {may("messages:list") && (
        <LinkNav
          to="/messages"
          label={tenant?.mailbox ? t.shell.mailbox : t.shell.messages}
          leftSection={<IconMail size={19} aria-hidden />}
          {...link}
        />
      )}
      {mayOperate("tenants:list") && (
        <LinkNav to="/tenants" label={t.shell.tenants} leftSection={<IconBuildingCommunity size={19} aria-hidden />} {...link} />
      )}
      {mayOperate("tenants/domains:list") && (
        <LinkNav to="/tenant-domains" label={t.shell.tenantDomains} leftSection={<IconWorldShare size={19} aria-hidden />} {...link} />
      )}
      {mayOperate("settings:get") && (
        <LinkNav to="/instance-settings" label={t.shell.instanceSettings} leftSection={<IconWorldCog size={19} aria-hidden />} {...link} />
      )}
      <LinkNav to="/account" label={t.shell.account} leftSection={<IconUserCircle size={19} aria-hidden />} {...link} />
    </>
  );
}

function Self() {
  const { t } = useFirstSpeech();
  const { user } = useSession();
  const signOut = useSignOut();
  const name = user.spec.displayName || user.metadata.name;
  const leave = () =>
    signOut.mutate(undefined, {
      onError: (error) => notifications.show({ color: "red", title: t.problem.title, message: problemOf(error).detail }),
    });
  return (
    <Group gap="sm" wrap="nowrap">
      <Face user={user} />
      <Box miw={0} flex={1} aria-label={t.shell.signedInAs(name)} role="group">
        <Text size="sm" fw={560} truncate lh={1.3}>
          {name}
        </Text>
        <Text size="xs" c="dimmed" truncate lh={1.3}>
          {user.spec.email}
        </Text>
      </Box>
      <Tooltip label={t.shell.signOut}>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t.shell.signOut} loading={signOut.isPending} onClick={leave}>
          <IconLogout size={19} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

const MustChange = lazy(later(() => import("../rooms/must-change").then((room) => ({ default: room.MustChange }))));

/** Every page for whoever may see pages; who must choose a password first sees only that. */
export function Shell() {
  const { user } = useSession();
  if (!user.spec.mustChangePassword) return <Frame />;
  return (
    <Suspense fallback={null}>
      <MustChange />
    </Suspense>
  );
}

/** The frame around every page: where one can go, who one is, and the page itself. */
function Frame() {
  const { t } = useFirstSpeech();
  const [open, { toggle, close }] = useDisclosure(false);
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const before = useRef(pathname);
  useEffect(() => {
    // After a navigation the keyboard starts at the new page, not at the link that is no longer there.
    if (before.current !== pathname) main.current?.focus();
    before.current = pathname;
  }, [pathname]);
  return (
    <AppShell
      layout="alt"
      padding={{ base: "md", sm: "xl" }}
      header={{ height: { base: 60, sm: 0 } }}
      navbar={{ width: 256, breakpoint: "sm", collapsed: { mobile: !open } }}
    >
      <button type="button" className={classes.skip} onClick={() => main.current?.focus()}>
        {t.shell.skip}
      </button>
      <AppShell.Header hiddenFrom="sm" className={classes.header}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Brand />
          <Burger opened={open} onClick={toggle} size="sm" aria-label={open ? t.shell.closeMenu : t.shell.openMenu} aria-expanded={open} />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar} p="md" aria-label={t.shell.navigation}>
        <AppShell.Section mb="lg" px={6} pt={4}>
          <Group justify="space-between" wrap="nowrap">
            <Brand />
            <Burger opened={open} hiddenFrom="sm" onClick={close} size="sm" aria-label={t.shell.closeMenu} />
          </Group>
        </AppShell.Section>
        <AppShell.Section grow component={ScrollArea}>
          <Rooms onGo={close} />
        </AppShell.Section>
        <AppShell.Section>
          <Preferences />
        </AppShell.Section>
        <AppShell.Section className={classes.self}>
          <Self />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main ref={main} tabIndex={-1}>
        <FailingSenders />
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}
