import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconKey, IconLockOpen, IconMailForward } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api, body } from "../../api/client";
import { signInQuery } from "../../api/queries";
import type { User } from "../../api/types";
import { useSpeech } from "../../i18n";
import { ProblemAlert } from "../../parts/problem";
import { useMay, useSession, useUserChanged } from "../../shell/session";

function failed(error: unknown) {
  notifications.show({ color: "red", message: <ProblemAlert error={error} /> });
}

/** A button for an act that takes nothing from anybody, and so is done at once. */
function Act<T>({ label, icon, act, done }: { label: string; icon: ReactNode; act: () => Promise<T>; done: (made: T) => string }) {
  const changed = useUserChanged();
  const mutation = useMutation({
    mutationFn: act,
    onSuccess: async (made) => {
      notifications.show({ color: "teal", message: done(made) });
      await changed();
    },
    onError: failed,
  });
  return (
    <Button variant="default" leftSection={icon} loading={mutation.isPending} onClick={() => mutation.mutate()}>
      {label}
    </Button>
  );
}

/** Lets somebody try again at once, if they have to wait. */
export function Lift({ name }: { name: string }) {
  const { t } = useSpeech();
  const may = useMay();
  const self = useSession().user.metadata.name;
  const state = useQuery({ ...signInQuery(name), enabled: may("users/sign-in:get") });
  const waits = state.data?.waits.some(({ liftable }) => liftable) ?? false;
  if (!waits || !may("users:unlock") || name === self) return null;
  return (
    <Act
      label={t.support.lift}
      icon={<IconLockOpen size={16} aria-hidden />}
      act={() => body(api.POST("/users/{name}/unlock", { params: { path: { name } } }))}
      done={() => t.support.lifted(name)}
    />
  );
}

/** Mails somebody the means to choose another password. */
export function SendReset({ user }: { user: User }) {
  const { t } = useSpeech();
  const may = useMay();
  if (!may("users/password:reset") || user.spec.disabled) return null;
  return (
    <Act
      label={t.support.sendReset}
      icon={<IconKey size={16} aria-hidden />}
      act={() => body(api.POST("/users/{name}/send-password-reset", { params: { path: { name: user.metadata.name } } }))}
      done={({ email }) => t.support.sent(email)}
    />
  );
}

/** Mails somebody the code for their address, if one waits for proof. */
export function SendCode({ user }: { user: User }) {
  const { t } = useSpeech();
  const may = useMay();
  const { disabled, emailVerified, pendingEmail } = user.spec;
  if (!may("users/email:resend") || disabled || (emailVerified && pendingEmail === undefined)) return null;
  return (
    <Act
      label={t.support.sendCode}
      icon={<IconMailForward size={16} aria-hidden />}
      act={() => body(api.POST("/users/{name}/send-verification", { params: { path: { name: user.metadata.name } } }))}
      done={({ email }) => t.support.sent(email)}
    />
  );
}

/** What helps most people who cannot sign in, at the head of their page. */
export function FirstAid({ user }: { user: User }) {
  return (
    <>
      <Lift name={user.metadata.name} />
      <SendReset user={user} />
    </>
  );
}
