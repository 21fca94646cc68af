import { Avatar, Badge, Group, Text } from "@mantine/core";
import { IconCircleCheck, IconCircleDashed } from "@tabler/icons-react";
import type { Role, User } from "../api/types";
import { ownPicture } from "../base";
import { useFirstSpeech } from "../i18n";
import classes from "./parts.module.css";

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

/** An address in a row of many: a tick when it is verified, words when it is not. */
export function EmailLine({ user }: { user: User }) {
  const { t } = useFirstSpeech();
  const { email, emailVerified } = user.spec;
  return (
    <span className={classes.email}>
      <Text component="span" size="sm" truncate maw={280} title={email}>
        {email}
      </Text>
      {emailVerified ? (
        <IconCircleCheck size={16} color="var(--mantine-color-teal-7)" role="img" aria-label={t.users.verified} />
      ) : (
        <EmailState verified={false} />
      )}
    </span>
  );
}

export function UserState({ disabled }: { disabled: boolean }) {
  const { t } = useFirstSpeech();
  // Only the exception asks for attention.
  if (disabled) return <Badge color="red">{t.users.disabled}</Badge>;
  return <span className={classes.state}>{t.users.active}</span>;
}

export function Roles({ roles }: { roles: Role[] }) {
  return (
    <Group gap={6}>
      {roles.map((role) => (
        <Badge key={role.metadata.name} variant="default" title={role.spec.description}>
          {role.spec.displayName || role.metadata.name}
        </Badge>
      ))}
    </Group>
  );
}
