import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, test } from "vitest";
import { launch, OWNER, Visit } from "../support";
import { account } from "./account";
import { acme, type Elsewheres } from "./acme";
import { writeIndex } from "./album";
import { rooms } from "./console";
import { hosted } from "./hosted";
import { mail } from "./mail";
import { tenants } from "./tenants";

let browser: Browser;
let owner: BrowserContextOptions["storageState"];
let elsewheres: Elsewheres;

beforeAll(async () => {
  browser = await launch();
  elsewheres = await acme();
  const visit = await Visit.begin(browser);
  await visit.open("");
  await visit.signIn(OWNER.name, OWNER.password);
  await visit.heading("Users");
  owner = await visit.page.context().storageState();
  await visit.end(/status of 401 /);
});

afterAll(async () => {
  await browser?.close();
  await Promise.all(Object.values(elsewheres ?? {}).map((elsewhere) => elsewhere.close()));
});

test("pages to sign in", () => hosted(browser, elsewheres));
test("pages of one's own account", () => account(browser, owner, elsewheres));
test("pages of mail", () => mail(browser, owner));
test("pages of the console", () => rooms(browser, owner));
test("pages of tenants and domains", () => tenants(browser, owner));
test("the index", () => writeIndex());
