//! The shape of the source: who may call whom. Lists of exceptions only ever get shorter.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Folders of `src` that are not nouns.
const NOT_NOUNS: &[&str] = &["access", "groups", "kit", "login"];

/// Files that begin a transaction of a tenant without a permission: the door itself, the reading
/// of a tenant's keys, the worker, and the founding of a tenant.
const BEGIN: &[&str] = &[
    "access/caller.rs",
    "access/door.rs",
    "app.rs",
    "kit/job.rs",
    "tenant/mod.rs",
];
/// Files that begin a transaction of no tenant.
const BEGIN_SYSTEM: &[&str] = &["app.rs", "cli.rs", "kit/job.rs", "tenant/mod.rs"];
/// Files that name the rows of a noun that is not theirs.
const FOREIGN_ROWS: &[&str] = &[
    "app.rs tenant::entity",
    "cli.rs tenant::entity",
    "groups/me.rs user::entity",
    "session/mod.rs user::entity",
];
/// Files that name the wire of a noun that is not theirs; `groups/mod.rs` lists them all.
const FOREIGN_WIRE: &[&str] = &[];
/// Files of the wire that have an `if`.
const DECIDING: &[&str] = &[];
/// Files with more lines than a reader should have to hold.
const LONG: &[&str] = &[];

/// The files below a folder of the project, by their path in it.
fn files(folder: &str) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let (mut folders, mut found) = (vec![root.clone()], BTreeMap::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    assert!(found.contains_key("lib.rs"), "{folder} is the source of a crate");
    found
}

/// The program's source without its tests and its comments.
fn source() -> BTreeMap<String, String> {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let code = |text: String| {
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        text.lines().filter(is_code).collect::<Vec<_>>().join("\n")
    };
    files("src")
        .into_iter()
        .filter(|(name, _)| !name.ends_with("/tests.rs"))
        .map(|(name, text)| (name, code(text)))
        .collect()
}

/// The folders that are nouns.
fn nouns(source: &BTreeMap<String, String>) -> BTreeSet<&str> {
    let folders = source.keys().filter_map(|name| Some(name.split_once('/')?.0));
    let nouns: BTreeSet<_> = folders.filter(|folder| !NOT_NOUNS.contains(folder)).collect();
    assert!(nouns.contains("user") && nouns.contains("tenant"), "{nouns:?}");
    nouns
}

fn is_of(file: &str, folder: &str) -> bool {
    file.split_once('/').is_some_and(|(first, _)| first == folder)
}

/// Files outside `kit/db` whose code has this text.
fn files_with(text: &str) -> Vec<String> {
    let source = source().into_iter().filter(|(name, _)| !name.starts_with("kit/db/"));
    source
        .filter(|(_, code)| code.contains(text))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn only_the_door_the_worker_and_the_founding_begin_a_transaction() {
    assert_eq!(files_with(".begin("), BEGIN);
    assert_eq!(files_with(".begin_system("), BEGIN_SYSTEM);
}

#[test]
fn the_machinery_knows_no_domain() {
    let source = source();
    let mut looked_at = 0;
    for (name, code) in source.iter().filter(|(name, _)| is_of(name, "kit")) {
        let strangers: Vec<_> = code
            .split("crate::")
            .skip(1)
            .filter(|rest| !rest.starts_with("kit::"))
            .collect();
        assert!(
            strangers.is_empty(),
            "kit/{name} names crate::{}",
            &strangers[0][..strangers[0].len().min(40)]
        );
        looked_at += code.matches("crate::kit::").count();
    }
    assert!(looked_at > 0, "macros of kit name crate::kit");
}

/// Every path a `use` of this code brings in.
fn uses(code: &str) -> Vec<String> {
    let (mut found, mut tree) = (vec![], None::<String>);
    for line in code.lines().map(str::trim) {
        let begun = ["use ", "pub use ", "pub(crate) use "]
            .iter()
            .find_map(|word| line.strip_prefix(word));
        let Some(part) = begun.or(tree.is_some().then_some(line)) else {
            continue;
        };
        let whole = tree.take().unwrap_or_default() + part;
        match whole.strip_suffix(';') {
            Some(whole) => found.extend(expand("", &whole.split_whitespace().collect::<String>())),
            None => tree = Some(whole),
        }
    }
    found
}

/// `a::{b, c::{d, e}}` is `a::b`, `a::c::d` and `a::c::e`.
fn expand(before: &str, tree: &str) -> Vec<String> {
    if tree.is_empty() {
        return vec![];
    }
    let Some((head, rest)) = tree.split_once('{') else {
        return vec![format!("{before}{tree}")];
    };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut depth, mut begin, mut found) = (0, 0, vec![]);
    let prefix = format!("{before}{head}");
    for (at, character) in inner.char_indices().chain([(inner.len(), ',')]) {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.extend(expand(&prefix, &inner[begin..at]));
                begin = at + 1;
            }
            _ => {}
        }
    }
    found
}

#[test]
fn nested_uses_are_read_path_by_path() {
    let code = "use a::b;\nuse crate::{\n    user::{self, entity::{Model, role}},\n    email,\n};\nfn f() {}\n";
    let expected = [
        "a::b",
        "crate::user::self",
        "crate::user::entity::Model",
        "crate::user::entity::role",
        "crate::email",
    ];
    assert_eq!(uses(code), expected);
}

/// `file noun::part` for every file that names a part of a noun which is not its own.
fn foreign(part: &str) -> Vec<String> {
    let source = source();
    let mut found = vec![];
    for (name, code) in &source {
        for noun in nouns(&source).into_iter().filter(|noun| !is_of(name, noun)) {
            let path = format!("{noun}::{part}");
            let names = |text: &str| {
                let at = text.match_indices(&path).map(|(at, _)| at);
                at.into_iter()
                    .any(|at| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
            };
            if names(code) || uses(code).iter().any(|path| names(path)) {
                found.push(format!("{name} {path}"));
            }
        }
    }
    found
}

#[test]
fn no_noun_reads_the_rows_of_another() {
    assert_eq!(foreign("entity"), FOREIGN_ROWS);
}

#[test]
fn no_noun_speaks_for_the_wire_of_another() {
    let found: Vec<_> = foreign("api")
        .into_iter()
        .filter(|found| !found.starts_with("groups/mod.rs "))
        .collect();
    assert_eq!(found, FOREIGN_WIRE);
}

#[test]
fn the_wire_decides_nothing() {
    let has_branch = |code: &str| code.split_whitespace().any(|word| word == "if");
    let source = source().into_iter().filter(|(name, _)| name.ends_with("/api.rs"));
    let deciding: Vec<_> = source
        .filter(|(_, code)| has_branch(code))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(deciding, DECIDING, "a rule belongs to mod.rs");
}

#[test]
fn the_rules_know_no_http() {
    let source = source();
    for noun in nouns(&source) {
        let code = &source[&format!("{noun}/mod.rs")];
        assert!(!code.contains("poem"), "{noun}/mod.rs names the framework");
        let entity = source.get(&format!("{noun}/entity.rs"));
        assert!(
            entity.is_none_or(|code| !code.contains("poem")),
            "{noun}/entity.rs names the framework"
        );
    }
}

#[test]
fn no_file_is_too_long_to_read() {
    let all = ["src", "migrations/src"].map(|folder| (folder, files(folder)));
    let mut long = vec![];
    for (folder, files) in &all {
        let of_folder = files.iter().filter(|(_, text)| text.lines().count() > 500);
        long.extend(of_folder.map(|(name, _)| format!("{folder}/{name}")));
    }
    assert_eq!(long, LONG);
}

#[test]
fn nothing_is_unwrapped_outside_tests() {
    assert_eq!(files_with(".unwrap()"), [""; 0]);
}
