import { useQueryClient } from "@tanstack/react-query";
import type { UseFormInput } from "@mantine/form";
import { api, body } from "../../api/client";
import { applicationQuery } from "../../api/queries";
import type { Application, ApplicationEdit } from "../../api/types";
import { useEdit, type Edit } from "../../parts/edit";
import { useMay } from "../../shell/session";

/** Whether somebody may change an application: one that is built in is the same in every tenant. */
export function useEditable({ status }: Application): boolean {
  return useMay()("applications:update") && status.origin !== "built-in";
}

/** Lets somebody change a part of an application; what the part does not show stays as it is. */
export function useApplicationEdit<V extends object>({
  application,
  values,
  patch,
  validate,
}: {
  application: Application;
  values: V;
  patch: (values: V) => ApplicationEdit;
  validate?: UseFormInput<V>["validate"];
}): Edit<V> {
  const client = useQueryClient();
  const { name } = application.metadata;
  return useEdit({
    object: application,
    queryKey: applicationQuery(name).queryKey,
    editable: useEditable(application),
    values,
    validate,
    put: (given, header) =>
      body(
        api.PATCH("/applications/{name}", {
          params: { path: { name }, header },
          headers: { "Content-Type": "application/merge-patch+json" },
          body: { spec: patch(given) },
        }),
      ),
    onSaved: () => void client.invalidateQueries({ queryKey: ["applications", "list"] }),
  });
}
