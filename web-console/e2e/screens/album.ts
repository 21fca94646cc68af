import { writeFileSync } from "node:fs";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { BASE, PHONE, SHOTS, Visit } from "../support";

type State = BrowserContextOptions["storageState"];
type Look = "light" | "dark" | "360px";

/** What is listed: the pictures of each part, by what they show, with the name of each and its look. */
const parts = new Map<string, Map<string, [look: Look, file: string][]>>();
/** Small, and good enough to be read. */
const WAYS = { type: "webp", quality: 45, animations: "disabled", caret: "hide" } as const;

/** Pictures of one part of what there is to see, which are listed together. */
export class Album {
  private readonly pictures = new Map<string, [look: Look, file: string][]>();

  constructor(
    readonly name: string,
    title: string,
    /** Whether pages are shown down to their end. */
    private readonly fullPage = false,
  ) {
    parts.set(title, this.pictures);
  }

  private async keep(page: Page, name: string, look: Look, what: string): Promise<void> {
    const file = `${this.name}-${name}-${look}.webp`;
    await page.screenshot({ ...WAYS, fullPage: this.fullPage, path: `${SHOTS}/${file}` });
    this.pictures.set(what, [...(this.pictures.get(what) ?? []), [look, file]]);
  }

  /** Keeps what is on the page, in light and in dark. */
  async take(page: Page, name: string, what: string): Promise<void> {
    await this.keepIn(["light", "dark"], page, name, what);
  }

  /** Keeps what a page shows for a moment, in light alone. */
  async glance(page: Page, name: string, what: string): Promise<void> {
    await this.keepIn(["light"], page, name, what);
  }

  private async keepIn(looks: ("light" | "dark")[], page: Page, name: string, what: string): Promise<void> {
    for (const look of looks) {
      await page.emulateMedia({ colorScheme: look });
      // The console says there which look it took; the pages to sign in have no other than the browser's.
      await page.waitForFunction((scheme) => (document.documentElement.dataset.mantineColorScheme ?? scheme) === scheme, look);
      await this.keep(page, name, look, what);
    }
    await page.emulateMedia({ colorScheme: "light" });
  }

  /** Keeps what a phone shows at an address below the tenant's. */
  async phone(browser: Browser, state: State, path: string, name: string, what: string, ready: (page: Page) => Promise<void>): Promise<void> {
    const visit = await Visit.begin(browser, { ...PHONE, storageState: state });
    await visit.page.goto(BASE + path);
    await ready(visit.page);
    await this.keep(visit.page, name, "360px", what);
    await visit.end(/status of 401 /);
  }
}

/** Writes what each picture shows. */
export function writeIndex(): void {
  const lines = ["# Screens", "", "What Tenantry looks like. `make screens` takes these pictures anew, of a server that it fills itself.", ""];
  for (const [title, pictures] of parts) {
    lines.push(`## ${title}`, "", "| what | pictures |", "|---|---|");
    for (const [what, files] of pictures) lines.push(`| ${what} | ${files.map(([look, file]) => `[${look}](${file})`).join(" ")} |`);
    lines.push("");
  }
  writeFileSync(`${SHOTS}/README.md`, lines.join("\n"));
}
