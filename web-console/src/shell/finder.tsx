import "@mantine/spotlight/styles.layer.css";
import { useDebouncedValue } from "@mantine/hooks";
import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { IconLogout, IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState, type ReactNode } from "react";
import { usersQuery } from "../api/first-queries";
import { useSpeech } from "../i18n";
import { Face } from "../parts/person";
import { isMeant } from "./found";
import { useRooms } from "./rooms";
import { useMay, useSignOut } from "./session";
import { useMayOperate } from "./tenant";

const [store, { open }] = createSpotlight();

/** How many people are offered. */
const PEOPLE = 5;

interface Hit {
  label: string;
  description?: string;
  sign: ReactNode;
  go: () => void;
}

const make = (allowed: boolean, label: string, go: () => unknown): Hit[] =>
  allowed ? [{ label, sign: <IconPlus size={18} aria-hidden />, go: () => void go() }] : [];

/** What the person may do at once, wherever they are. */
function useActs(): Hit[] {
  const { t } = useSpeech();
  const may = useMay();
  const mayOperate = useMayOperate();
  const navigate = useNavigate();
  const signOut = useSignOut();
  return [
    ...make(may("users:create"), t.users.create, () => navigate({ to: "/users", search: { create: "1" } })),
    ...make(may("invitations:create"), t.users.invite, () => navigate({ to: "/users", search: { invite: "1" } })),
    ...make(may("roles:create"), t.roles.create, () => navigate({ to: "/roles/-" })),
    ...make(may("applications:create"), t.applications.create, () => navigate({ to: "/applications", search: { create: "1" } })),
    ...make(may("resource-servers:create"), t.apis.create, () => navigate({ to: "/apis", search: { create: "1" } })),
    ...make(may("domains:create"), t.domains.claim, () => navigate({ to: "/domains", search: { create: "1" } })),
    ...make(mayOperate("tenants:create"), t.tenants.found, () => navigate({ to: "/tenants", search: { create: "1" } })),
    { label: t.shell.signOut, sign: <IconLogout size={18} aria-hidden />, go: () => signOut.mutate() },
  ];
}

/** The people whom the server finds by what was typed. */
function usePeople(typed: string): Hit[] {
  const may = useMay();
  const navigate = useNavigate();
  const [keyword] = useDebouncedValue(typed.trim(), 200);
  const { data } = useQuery({ ...usersQuery({ keyword, size: PEOPLE, page: 1 }), enabled: keyword !== "" && may("users:list") });
  if (keyword === "" || typed.trim() === "") return [];
  return (data?.items ?? []).map(({ user }) => ({
    label: user.metadata.name,
    description: [user.spec.displayName, user.spec.email].filter(Boolean).join(" · "),
    sign: <Face user={user} size={28} />,
    go: () => void navigate({ to: "/users/$name", params: { name: user.metadata.name } }),
  }));
}

function Hits({ label, hits }: { label: string; hits: Hit[] }) {
  if (hits.length === 0) return null;
  return (
    <Spotlight.ActionsGroup label={label}>
      {hits.map((hit) => (
        <Spotlight.Action key={hit.label} label={hit.label} description={hit.description} leftSection={hit.sign} onClick={hit.go} />
      ))}
    </Spotlight.ActionsGroup>
  );
}

/** Finds pages, people and acts by what is typed; opens each time that it is asked for. */
export function Finder({ asked }: { asked: number }) {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const [typed, type] = useState("");
  useEffect(open, [asked]);
  const rooms = useRooms().flatMap((entry) => ("rooms" in entry ? entry.rooms : [entry]));
  const pages = rooms.map(({ to, label, Icon }): Hit => ({ label, sign: <Icon size={18} aria-hidden />, go: () => void navigate({ to }) }));
  const meant = (hits: Hit[]) => hits.filter(({ label }) => isMeant(label, typed.trim()));
  const found = { people: usePeople(typed), pages: meant(pages), acts: meant(useActs()) };
  return (
    <Spotlight.Root store={store} shortcut={null} query={typed} onQueryChange={type} scrollable maxHeight="60vh" title={t.shell.find} styles={{ header: { display: "none" } }}>
      <Spotlight.Search aria-label={t.shell.find} placeholder={t.shell.find} leftSection={<IconSearch size={20} aria-hidden />} />
      <Spotlight.ActionsList>
        <Hits label={t.find.people} hits={found.people} />
        <Hits label={t.find.pages} hits={found.pages} />
        <Hits label={t.find.acts} hits={found.acts} />
        {Object.values(found).every((hits) => hits.length === 0) && <Spotlight.Empty>{t.find.nothing(typed.trim())}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
