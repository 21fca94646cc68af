import { Avatar, Badge, Group } from "@mantine/core";
import { IconBan, IconCircleCheck, IconCircleDashed, IconMailQuestion } from "@tabler/icons-react";
import type { Role, User } from "../api/types";
import { ownPicture } from "../base";
import { useFirstSpeech } from "../i18n";
import classes from "./parts.module.css";
import { roleWords } from "./role-words";

function initials(name: string): string {
  const words = name.trim().split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0]];
  return letters.map((word) => [...(word ?? "?")][0]?.toUpperCase() ?? "?").join("");
}

/** A face, or the letters of a name; always decoration beside the name itself. */
export function Face({ user, size = 32 }: { user: User; size?: number }) {
  const own = ownPicture(user.spec.avatar, document.baseURI);
  return (
    <Avatar src={own} size={size} radius="xl" color="petrol" variant="light" aria-hidden alt="">
      {initials(user.spec.displayName || user.metadata.name)}
    </Avatar>
  );
}

export function EmailState({ verified }: { verified: boolean }) {
  const { t } = useFirstSpeech();
  return (
    <Badge
      color={verified ? "teal" : "gray"}
      leftSection={verified ? <IconCircleCheck size={12} aria-hidden /> : <IconCircleDashed size={12} aria-hidden />}
    >
      {verified ? t.users.verified : t.users.unverified}
    </Badge>
  );
}

/** What is not as it should be with an account in a row of many, each a sign with its words. */
export function Exceptions({ user }: { user: User }) {
  const { t } = useFirstSpeech();
  const { disabled, emailVerified } = user.spec;
  const size = { size: 16, style: { flex: "none" } };
  return (
    <>
      {disabled && (
        <IconBan {...size} color="var(--mantine-color-error)" role="img" aria-label={t.users.disabled} title={t.users.disabled} />
      )}
      {!emailVerified && (
        <IconMailQuestion {...size} color="var(--mantine-color-dimmed)" role="img" aria-label={t.users.unverified} title={t.users.unverified} />
      )}
    </>
  );
}

export function UserState({ disabled }: { disabled: boolean }) {
  const { t } = useFirstSpeech();
  // Only the exception asks for attention.
  if (disabled) return <Badge color="red">{t.users.disabled}</Badge>;
  return <span className={classes.state}>{t.users.active}</span>;
}

export function Roles({ roles }: { roles: Role[] }) {
  const { t } = useFirstSpeech();
  return (
    <Group gap={6}>
      {roles.map((role) => (
        <Badge key={role.metadata.name} variant="default" title={roleWords(t, role).description}>
          {roleWords(t, role).name}
        </Badge>
      ))}
    </Group>
  );
}
