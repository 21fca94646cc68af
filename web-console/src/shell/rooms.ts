import {
  IconAdjustments,
  IconApi,
  IconApps,
  IconArchive,
  IconBuildingCommunity,
  IconChartBar,
  IconHelpHexagon,
  IconHistory,
  IconKey,
  IconLogin2,
  IconMail,
  IconMailForward,
  IconPaperclip,
  IconSend,
  IconShieldLock,
  IconTemplate,
  IconUserCircle,
  IconUsers,
  IconWorldCog,
  IconWorldShare,
  IconWorldWww,
  type Icon,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { LinkProps } from "@tanstack/react-router";
import { tenantQuery } from "../api/first-queries";
import { useFirstSpeech } from "../i18n";
import { useMay } from "./session";
import { useMayOperate } from "./tenant";

/** A page that the navigation leads to. */
export interface Room {
  to: LinkProps["to"] & string;
  label: string;
  Icon: Icon;
}

/** Pages about one thing, which show when it is opened. */
export interface Wing {
  label: string;
  Icon: Icon;
  rooms: Room[];
}

/** One page alone needs nothing to be opened first. */
const wing = (label: string, icon: Icon, rooms: Room[]): (Room | Wing)[] => (rooms.length < 2 ? rooms : [{ label, Icon: icon, rooms }]);

/** The pages that the person may see, in the order of the navigation. */
export function useRooms(): (Room | Wing)[] {
  const { shell } = useFirstSpeech().t;
  const may = useMay();
  const mayOperate = useMayOperate();
  const { data: tenant } = useQuery(tenantQuery);
  const room = (allowed: boolean, to: Room["to"], label: string, icon: Icon): Room[] => (allowed ? [{ to, label, Icon: icon }] : []);
  return [
    ...room(may("stats/overview:get"), "/overview", shell.overview, IconChartBar),
    ...room(may("users:list"), "/users", shell.users, IconUsers),
    // Whoever may see users finds invitations there.
    ...room(may("invitations:list") && !may("users:list"), "/invitations", shell.invitations, IconMailForward),
    ...room(may("roles:list"), "/roles", shell.roles, IconShieldLock),
    ...room(may("permissions:explain"), "/explainer", shell.explainer, IconHelpHexagon),
    ...wing(shell.wings.access, IconApps, [
      ...room(may("applications:list"), "/applications", shell.applications, IconApps),
      ...room(may("resource-servers:list"), "/apis", shell.apis, IconApi),
      ...room(may("auth-provider-configs:list"), "/sign-in-methods", shell.providers, IconLogin2),
      ...room(may("signing-keys:list"), "/keys", shell.keys, IconKey),
    ]),
    ...room(may("audit-events:list"), "/audit", shell.audit, IconHistory),
    ...room(may("policies:get"), "/policies", shell.policies, IconAdjustments),
    ...room(may("domains:list"), "/domains", shell.domains, IconWorldWww),
    ...room(may("attachments:list"), "/attachments", shell.attachments, IconPaperclip),
    ...room(may("backups:list"), "/backups", shell.backups, IconArchive),
    ...wing(shell.wings.mail, IconMail, [
      ...room(may("senders:list"), "/senders", shell.senders, IconSend),
      ...room(may("message-templates:list"), "/templates", shell.templates, IconTemplate),
      ...room(may("messages:list"), "/messages", tenant?.mailbox ? shell.mailbox : shell.messages, IconMail),
    ]),
    ...wing(shell.wings.instance, IconWorldCog, [
      ...room(mayOperate("tenants:list"), "/tenants", shell.tenants, IconBuildingCommunity),
      ...room(mayOperate("tenants/domains:list"), "/tenant-domains", shell.tenantDomains, IconWorldShare),
      ...room(mayOperate("settings:get"), "/instance-settings", shell.instanceSettings, IconWorldCog),
    ]),
    ...room(true, "/account", shell.account, IconUserCircle),
  ];
}
