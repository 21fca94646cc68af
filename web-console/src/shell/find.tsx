import { ActionIcon, Tooltip } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { useFirstSpeech } from "../i18n";
import { later } from "../later";

const Finder = lazy(later(() => import("./finder").then((part) => ({ default: part.Finder }))));

/** The way to everything by its name: what opens it, and it itself, which is fetched when it is first asked for. */
export function useFinder(): { find: () => void; finder: ReactNode } {
  const [asked, ask] = useState(0);
  const find = () => ask((times) => times + 1);
  // A slash that somebody types into a field is a slash.
  useHotkeys([["/", find]]);
  useHotkeys([["mod+K", find]], []);
  return {
    find,
    finder: asked > 0 && (
      <Suspense fallback={null}>
        <Finder asked={asked} />
      </Suspense>
    ),
  };
}

export function FinderButton({ onClick }: { onClick: () => void }) {
  const { t } = useFirstSpeech();
  return (
    <Tooltip label={t.shell.findKeys}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t.shell.find} aria-haspopup="dialog" onClick={onClick}>
        <IconSearch size={19} />
      </ActionIcon>
    </Tooltip>
  );
}
