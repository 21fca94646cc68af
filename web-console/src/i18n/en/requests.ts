export const requests = {
  requests: {
    documentation: "Documentation",
    hint: "What this page asked the server, the newest first. $TOKEN is an access token of yours; secrets are to be filled in.",
    which: "Request",
    form: "Written for",
    copy: "Copy the request",
    none: "This page has asked the server nothing yet.",
  },
} as const;
