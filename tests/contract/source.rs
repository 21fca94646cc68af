//! The source of the program, read as text.

use std::{collections::BTreeMap, path::Path};

/// The files below a folder, by their path in it.
pub(super) fn texts(root: &Path) -> BTreeMap<String, String> {
    let (mut folders, mut found) = (vec![root.to_owned()], BTreeMap::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

/// The files of a crate of the project, by their path in its folder.
pub(super) fn files(folder: &str) -> BTreeMap<String, String> {
    let found = texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    assert!(found.contains_key("lib.rs"), "{folder} is the source of a crate");
    found
}

/// The server's source without its tests and its comments.
pub(super) fn source() -> BTreeMap<String, String> {
    source_of("src")
}

/// The source of a crate without its tests and its comments.
pub(super) fn source_of(folder: &str) -> BTreeMap<String, String> {
    without_tests(files(folder))
}

/// These files without tests and comments.
pub(super) fn without_tests(files: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let code = |text: String| {
        let text = text.replace("#[cfg(test)]\nmod tests;\n", "");
        without_comments(text.split("#[cfg(test)]").next().unwrap_or_default())
    };
    files
        .into_iter()
        .filter(|(name, _)| !name.ends_with("/tests.rs"))
        .map(|(name, text)| (name, code(text)))
        .collect()
}

/// The lines of a file that are not comments.
pub(super) fn without_comments(text: &str) -> String {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    text.lines().filter(is_code).collect::<Vec<_>>().join("\n")
}

/// Every path a `use` of this code brings in.
pub(super) fn uses(code: &str) -> Vec<String> {
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
