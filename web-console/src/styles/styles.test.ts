import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

const MANTINE = "node_modules/@mantine/core";
/** Mantine's parts by name, each with the file that has it. */
const PARTS = new Map(
  [...readFileSync(`${MANTINE}/esm/index.mjs`, "utf8").matchAll(/import \{([^}]*)\} from "([^"]+)"/g)].flatMap(([, names, file]) =>
    names!.split(",").map((name) => [name.trim(), normalize(`${MANTINE}/esm/${file}`)] as const),
  ),
);

/** The file that an import means, or several for the parts of Mantine that it names. */
function meant(from: string, names: string, module: string): string[] {
  if (module === "@mantine/core") return names.split(",").flatMap((name) => PARTS.get(name.replace(/\btype\b| as .*/g, "").trim()) ?? []);
  if (module === "@mantine/notifications") return [`${MANTINE}/esm/components/Notification/Notification.mjs`];
  if (!module.startsWith(".")) return [];
  const path = normalize(join(dirname(from), module));
  return [path, `${path}.ts`, `${path}.tsx`, `${path}/index.ts`, `${path}/index.tsx`].filter((file) => /\.(mjs|tsx?)$/.test(file) && existsSync(file));
}

/** The styles of Mantine that these files need, with what they import at once. */
function needed(...roots: string[]): string[] {
  const seen = new Set<string>();
  const open = [...roots];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const imports = readFileSync(file, "utf8").matchAll(/^(?:import|export) (?!type\b)(?:\{([^}]*)\}|\w+) from "([^"]+)"/gm);
    for (const [, names, module] of imports) open.push(...meant(file, names ?? "", module!));
  }
  const styles = [...seen].filter((file) => file.startsWith(MANTINE)).flatMap((file) => /(\w+)\.module\.mjs$/.exec(file)?.[1] ?? []);
  return [...new Set(styles)].toSorted();
}

const imported = (file: string): string[] =>
  [...readFileSync(`src/styles/${file}`, "utf8").matchAll(/core\/styles\/([A-Z]\w+)\.layer\.css/g)].map(([, name]) => name!);

test("the first page has the styles of each part of Mantine that it shows", () => {
  expect(imported("first.css").toSorted()).toEqual(needed("src/main.tsx", "src/rooms/users.tsx"));
});

test("all other parts of Mantine have their styles with the other pages", () => {
  const all = needed(...readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".tsx")).map((file) => `src/${file}`));
  const first = imported("first.css");
  expect(imported("rest.css").toSorted()).toEqual(all.filter((name) => !first.includes(name)));
});

test("styles stand in Mantine's own order, in which a part comes after those that it is made of", () => {
  const whole = readFileSync(`${MANTINE}/styles.css`, "utf8");
  const place = (name: string) => whole.indexOf(readFileSync(`${MANTINE}/styles/${name}.css`, "utf8").slice(0, 200));
  for (const file of ["first.css", "rest.css"]) {
    const places = imported(file).map(place);
    expect(places, file).toEqual(places.toSorted((a, b) => a - b));
  }
});
