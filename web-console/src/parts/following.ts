import type { UseFormReturnType } from "@mantine/form";
import { useEffect, useState } from "react";

/**
 * Lets a form follow an object as it changes on the server, until somebody has typed into it.
 * Answers with the version that what stands in the form began with: a change is meant for that one.
 */
export function useFollowing<V>(form: UseFormReturnType<V>, version: number, values: V): number {
  const [base, setBase] = useState(version);
  const dirty = form.isDirty();
  useEffect(() => {
    if (version === base || dirty) return;
    form.setInitialValues(values);
    form.setValues(values as Partial<V>);
    form.resetDirty(values);
    setBase(version);
    // The values are those of the version.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [version, base, dirty]);
  return base;
}
