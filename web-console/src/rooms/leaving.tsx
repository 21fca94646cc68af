import { IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { tenantQuery } from "../api/first-queries";
import { useSpeech } from "../i18n";
import { ConfirmedAct } from "../parts/confirm";
import { Panel } from "../parts/page";
import { leaveToSignIn } from "../shell/entry";
import { useMayOwn, useSession } from "../shell/session";

/** Deleting one's own account, where the tenant lets people leave. */
export function Leaving() {
  const { t } = useSpeech();
  const mayOwn = useMayOwn();
  const { name } = useSession().user.metadata;
  const tenant = useQuery(tenantQuery);
  if (!mayOwn("users:leave") || !tenant.data?.accountDeletion) return null;
  return (
    <Panel title={t.account.leave} hint={t.account.leaveHint}>
      <ConfirmedAct
        label={t.account.leave}
        title={t.account.leave}
        what={t.account.leaveWhat}
        expected={name}
        act={() => body(api.DELETE("/users/-"))}
        done={t.account.left}
        onDone={() => leaveToSignIn()}
        leftSection={<IconTrash size={16} aria-hidden />}
      />
    </Panel>
  );
}
