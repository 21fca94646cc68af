import { IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, body } from "../../api/client";
import type { Application } from "../../api/types";
import { useSpeech } from "../../i18n";
import { ConfirmedAct } from "../../parts/confirm";
import { useMay } from "../../shell/session";

/** What can be done with a whole application. */
export function Acts({ application }: { application: Application }) {
  const { t } = useSpeech();
  const words = t.applications;
  const may = useMay();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { name, version } = application.metadata;
  const { disabled, origin } = application.status;
  const params = { path: { name }, header: { "If-Match": `"${version}"` } };
  const changed = () => {
    void client.invalidateQueries({ queryKey: ["audit"] });
    return client.invalidateQueries({ queryKey: ["applications"] });
  };
  return (
    <>
      {may("applications:update") &&
        (disabled ? (
          <ConfirmedAct
            // Another act, with a dialog of its own.
            key="enable"
            label={words.enable}
            title={words.enableOf(name)}
            what={words.enableWhat}
            act={() => body(api.POST("/applications/{name}/enable", { params }))}
            done={words.wasEnabled(name)}
            onDone={changed}
            colour="petrol"
          />
        ) : (
          <ConfirmedAct
            key="disable"
            label={words.disable}
            title={words.disableOf(name)}
            what={words.disableWhat}
            act={() => body(api.POST("/applications/{name}/disable", { params }))}
            done={words.wasDisabled(name)}
            onDone={changed}
          />
        ))}
      {origin !== "built-in" && may("applications:delete") && (
        <ConfirmedAct
          label={words.delete}
          title={words.delete}
          what={words.deleteWhat(name)}
          expected={name}
          act={() => body(api.DELETE("/applications/{name}", { params }))}
          done={words.deleted(name)}
          onDone={async () => {
            await navigate({ to: "/applications" });
            client.removeQueries({ queryKey: ["applications", "one", name] });
            await changed();
          }}
          leftSection={<IconTrash size={16} aria-hidden />}
        />
      )}
    </>
  );
}
