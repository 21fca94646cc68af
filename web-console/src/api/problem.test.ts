import { expect, test } from "vitest";
import { fieldErrors, problemOf, problemText, ProblemError, readProblem, secondsOf, specErrors } from "./problem";

const invalid = readProblem(400, {
  type: "https://example.test/problems/invalid",
  title: "Invalid",
  status: 400,
  detail: "Two fields are not valid.",
  code: "invalid",
  requestId: "r-1",
  errors: [
    { field: "email", code: "format", detail: "Not an address." },
    { field: "spec.displayName", code: "too_long", detail: "At most 100 characters." },
    { field: "/roles/0", code: "unknown", detail: "No such role." },
    { field: "avatar", code: "format", detail: "Not a picture." },
  ],
});

test("each field's message goes to its field, and the rest is not lost", () => {
  const said = fieldErrors(invalid, ["name", "email", "displayName", "roles"]);
  expect(said.fields).toEqual({
    email: "Not an address.",
    displayName: "At most 100 characters.",
    roles: "No such role.",
  });
  expect(said.others.map((entry) => entry.field)).toEqual(["avatar"]);
});

test("a conflict is shown at the field it is about", () => {
  const taken = readProblem(409, { code: "user_name_taken", detail: "Another user has this name." });
  expect(fieldErrors(taken, ["name", "email"], { user_name_taken: "name" }).fields).toEqual({
    name: "Another user has this name.",
  });
});

test("an answer that is not the server's is still a problem", () => {
  expect(readProblem(502, "<html>Bad gateway</html>", "r-2")).toEqual({
    status: 502,
    code: "http_502",
    title: "",
    detail: "",
    requestId: "r-2",
    errors: [],
  });
  expect(readProblem(500, null).code).toBe("http_500");
  expect(readProblem(400, { errors: ["text", null, { field: 3 }] }).errors).toEqual([{ field: "", code: "", detail: "" }]);
});

test("what never reached the server says so", () => {
  expect(problemOf(new TypeError("Failed to fetch")).code).toBe("unreachable");
  expect(problemOf(new Error("boom"))).toMatchObject({ code: "unexpected", detail: "boom" });
  expect(problemOf(new ProblemError(invalid))).toBe(invalid);
});

test("a copied problem carries all that a report needs", () => {
  expect(problemText(invalid)).toContain("request: r-1");
  expect(problemText(invalid)).toContain("code: invalid");
  expect(problemText(invalid)).toContain("avatar: format Not a picture.");
});

const wrong = (field: string, detail = "No.") => ({ field, code: "value", detail });

test("what is wrong with a spec stands where the form shows it, however deep", () => {
  const refused = readProblem(400, {
    errors: [
      wrong("spec.signInPair.free"),
      wrong("spec.hostnames[1]", "Not a host."),
      wrong("spec.hostnames[7]", "Neither."),
      wrong("spec.applications[0].color"),
      wrong("spec.applications[3].color"),
      wrong("spec.required"),
      wrong("spec.constructor"),
      wrong("spec"),
      wrong("metadata.version"),
    ],
  });
  const values = {
    signInPair: { free: 5 },
    hostnames: ["a", "b"],
    applications: [{ color: "" }],
    required: { signUp: true },
  };
  const said = specErrors(refused, values);
  expect(said.fields).toEqual({
    "signInPair.free": "No.",
    hostnames: "b: Not a host. Neither.",
    "applications.0.color": "No.",
  });
  expect(said.others.map(({ field }) => field)).toEqual(["spec.applications[3].color", "spec.required", "spec.constructor", "spec", "metadata.version"]);
});

test("a wait is read in seconds", () => {
  expect(secondsOf("30")).toBe(30);
  for (const strange of [null, "", "soon", "-1", "Sat, 21 Nov 2026 12:00:00 GMT"]) expect(secondsOf(strange)).toBeUndefined();
});
