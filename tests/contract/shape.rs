//! The shape of the source: who may call whom. Lists of exceptions only ever get shorter.

use super::source::{files, source, uses};
use std::collections::{BTreeMap, BTreeSet};

/// Folders of `src` that are not nouns.
const NOT_NOUNS: &[&str] = &["cli", "groups", "login", "oidc"];

/// Folders that are acts over several nouns, and know the request's context.
const ACTS: &[&str] = &["account"];
/// Files of a noun that are its wire, or folders of such.
const WIRE: &[&str] = &["api", "own", "query", "wire"];

/// Files that name the rows of a noun that is not theirs.
const FOREIGN_ROWS: &[&str] = &[];
/// Files that name the wire of a noun that is not theirs; `groups/mod.rs` lists them all.
const FOREIGN_WIRE: &[&str] = &[];
/// Files of the wire that have an `if`.
const DECIDING: &[&str] = &[];
/// Files with more lines than a reader should have to hold.
const LONG: &[&str] = &[];

/// The folders that are nouns.
fn nouns(source: &BTreeMap<String, String>) -> BTreeSet<&str> {
    let folders = source.keys().filter_map(|name| Some(name.split_once('/')?.0));
    let nouns: BTreeSet<_> = folders.filter(|folder| !NOT_NOUNS.contains(folder)).collect();
    assert!(nouns.contains("user") && nouns.contains("tenant"), "{nouns:?}");
    nouns
}

/// Whether a file of a noun, by its path in the noun's folder, is its wire.
fn is_wire(file: &str) -> bool {
    let first = file.split('/').next().unwrap_or(file);
    WIRE.contains(&first.trim_end_matches(".rs"))
}

fn is_of(file: &str, folder: &str) -> bool {
    file.split_once('/').is_some_and(|(first, _)| first == folder)
}

/// Files whose code has this text.
fn files_with(text: &str) -> Vec<String> {
    let source = source().into_iter();
    source
        .filter(|(_, code)| code.contains(text))
        .map(|(name, _)| name)
        .collect()
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
        .filter(|found| !found.starts_with("groups/"))
        .collect();
    assert_eq!(found, FOREIGN_WIRE);
}

#[test]
fn the_wire_decides_nothing() {
    let has_branch = |code: &str| code.split_whitespace().any(|word| word == "if");
    let is_api = |name: &str| name.ends_with("/api.rs") || name.contains("/api/");
    let source = source().into_iter().filter(|(name, _)| is_api(name));
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

/// The files of nouns that have rules, by their path.
fn rules(source: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    let nouns = nouns(source);
    let is_rule = move |name: &str| {
        name.split_once('/')
            .is_some_and(|(folder, file)| nouns.contains(folder) && !ACTS.contains(&folder) && !is_wire(file))
    };
    let files = source.iter().map(|(name, code)| (name.as_str(), code.as_str()));
    files.filter(move |(name, _)| is_rule(name))
}

#[test]
fn the_rules_know_no_context_and_no_names_of_the_wire() {
    let source = source();
    let found = |words: &[&str]| -> Vec<String> {
        let naming = rules(&source).filter(|(_, code)| words.iter().any(|word| code.contains(word)));
        naming.map(|(name, _)| name.to_owned()).collect()
    };
    assert!(found(&["&Tx"]).len() > 10, "the rules are read");
    assert_eq!(
        found(&["RequestContext", "context::Signed"]),
        [""; 0],
        "a rule takes a Tx and values"
    );
    assert_eq!(
        found(&["\"spec.", "\"metadata."]),
        [""; 0],
        "the wire says where a field is in a request"
    );
}

#[test]
fn no_file_is_too_long_to_read() {
    let all = ["src", "crates/core/src", "migrations/src"].map(|folder| (folder, files(folder)));
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
