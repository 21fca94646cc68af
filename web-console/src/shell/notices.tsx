import { MantineThemeProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { useFirstSpeech } from "../i18n";
import classes from "./shell.module.css";

/** What was done, said for a while in a corner. */
export function Notices() {
  const { t } = useFirstSpeech();
  const closeButtonProps = { "aria-label": t.common.close };
  return (
    <MantineThemeProvider inherit theme={{ components: { Notification: { defaultProps: { closeButtonProps } } } }}>
      <Notifications position="bottom-right" classNames={{ notification: classes.notice }} />
    </MantineThemeProvider>
  );
}
