import "./styles/first.css";
import "./console.css";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { fetchFirst, SpeechProvider } from "./i18n";
import { currentLanguage } from "./i18n/language";
import { client, router } from "./router";
import { Notices } from "./shell/notices";
import { theme, variables } from "./theme";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

const shown = createRoot(root);

function show() {
  shown.render(
    <StrictMode>
      <SpeechProvider>
        <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
          <QueryClientProvider client={client}>
            <RouterProvider router={router} />
            <Notices />
          </QueryClientProvider>
        </MantineProvider>
      </SpeechProvider>
    </StrictMode>,
  );
}

// A browser that goes back may show a page as it was left, with what somebody read who has signed out since.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});

// No page shows in a language that was not asked for. A module that awaits would be built into many more files, of
// which the first page needs more than it needs now.
void fetchFirst(currentLanguage()).then(show);
