import { ActionIcon, AppShell, Box, Burger, Group, ScrollArea, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconLogout } from "@tabler/icons-react";
import { Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef } from "react";
import { problemOf } from "../api/problem";
import { useFirstSpeech } from "../i18n";
import { later } from "../later";
import { Face } from "../parts/person";
import { FinderButton, useFinder } from "./find";
import { Mark } from "./mark";
import { Preferences } from "./preferences";
import { Rooms } from "./navigation";
import { useSession, useSignOut } from "./session";
import classes from "./shell.module.css";
import { useTenantName } from "./tenant";
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
  const { find, finder } = useFinder();
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
            <Group gap={4} wrap="nowrap">
              <FinderButton onClick={find} />
              <Burger opened={open} hiddenFrom="sm" onClick={close} size="sm" aria-label={t.shell.closeMenu} />
            </Group>
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
      {finder}
    </AppShell>
  );
}
