import { LANGUAGES } from "../../i18n/language";
import type { Texts } from "../../i18n/texts";
import type { InstanceTab } from "../instance-settings/tabs";
import { LIMIT_GROUPS, type LimitGroup } from "./limit-groups";

/** What people call a member of a policy, and the values that it can have, where those are named. */
export interface MemberWords {
  label: string;
  of?: Readonly<Record<string, string>>;
}

type Words = Readonly<Record<string, MemberWords>>;

function named(labels: Record<string, string>, of: Record<string, MemberWords["of"]> = {}): Words {
  return Object.fromEntries(Object.entries(labels).map(([member, label]) => [member, { label, of: of[member] }]));
}

function limits(t: Texts): Words {
  const words = t.policies.limits;
  const fields = { free: words.free, firstSeconds: words.first, longestSeconds: words.longest, most: words.most, seconds: words.within };
  const all = Object.entries(LIMIT_GROUPS).flatMap(([group, names]) =>
    names.flatMap((limit) =>
      Object.entries(fields).map(([field, label]) => {
        const delays = limit === "signInPair" || limit === "signInAccount";
        const said = delays && field === "most" ? words.mostFailures : label;
        return [`${limit}.${field}`, { label: words.member(words.groups[group as LimitGroup], words.names[limit], said) }];
      }),
    ),
  );
  return Object.fromEntries(all);
}

/** The members of each policy that the instance may decide, in the words of the page where a tenant decides them. */
const WORDS: Record<InstanceTab, (t: Texts) => Words> = {
  branding: ({ policies: { branding: w } }) =>
    named(
      {
        displayName: w.name,
        subtitle: w.subtitle,
        color: w.color,
        logoUrl: w.logoUrl,
        logoUrlDark: w.logoUrlDark,
        iconUrl: w.iconUrl,
        homeUrl: w.home,
        contactEmail: w.contactEmail,
        helpUrl: w.helpUrl,
        termsUrl: w.termsUrl,
        privacyUrl: w.privacyUrl,
        language: w.language,
        timeZone: w.timeZone,
        applications: w.applications,
      },
      { language: LANGUAGES },
    ),
  password: ({ policies: { password: w } }) =>
    named(
      {
        preset: w.preset,
        minLength: w.minLength,
        maxLength: w.maxLength,
        requireClasses: w.classes,
        "blocklist.common": w.common,
        "blocklist.contextWords": w.contextWords,
        "blocklist.words": w.words,
        minEstimatorScore: w.score,
      },
      { preset: w.presets, requireClasses: w.classNames, minEstimatorScore: w.scores },
    ),
  "sign-up": ({ policies: { signUp: w } }) =>
    named(
      {
        mode: w.mode,
        allowedDomains: w.allowedDomains,
        blockedDomains: w.blockedDomains,
        verifyBeforeSignIn: w.verify,
        defaultRole: w.defaultRole,
        protectedNames: w.protectedNames,
        addressesTold: w.told,
        accountDeletion: w.leave,
        nameChange: w.rename,
      },
      { mode: w.modes },
    ),
  sessions: ({ policies: { sessions: w } }) =>
    named({ accessTokenSeconds: w.access, idleSeconds: w.idle, absoluteSeconds: w.absolute, mostPerUser: w.most }),
  limits,
  authentication: ({ policies: { authentication: w } }) => named({ basicAuth: w.basic }),
  general: ({ instanceSettings: { general: w } }) => named({ name: w.name }),
  tenancy: ({ instanceSettings: { tenancy: w }, quotas: { names } }) => {
    const counted = Object.entries(names).filter(([name]) => !name.startsWith("request"));
    const quotas = counted.map(([name, label]) => [`defaultQuotas.${name}`, w.quota(label)]);
    return named({ graceDays: w.graceDays, ...Object.fromEntries(quotas) });
  },
  "cross-origin": ({ policies: { crossOrigin: w } }) => named({ allowedOrigins: w.origins }),
  mail: ({ senders: w }) => named({ useInstanceSender: w.useInstance, codeInSubject: w.codeInSubject }),
  attachments: ({ policies: { files: w }, attachments }) =>
    named(
      { maxFileBytes: w.file, maxTotalBytes: w.total, types: w.types, redraw: w.redraw, defaultVisibility: w.visibility },
      { defaultVisibility: attachments.visibilities },
    ),
};

/** What the members of a policy are called; one that has no words here goes by its name. */
export function memberWords(t: Texts, policy: InstanceTab): (member: string) => MemberWords {
  const words = WORDS[policy](t);
  return (member) => words[member] ?? { label: member };
}
