//! What the program is made of: under which licences, from where, and whether it is used.
//!
//! `cargo metadata` says it, of what is built for this machine.

use super::source;
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::Path, process::Command};

/// Licences that ask for no more than to be named.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    // Binds only who changes the files of that crate.
    "MPL-2.0",
    "Unicode-3.0",
    "Zlib",
];

/// TLS and cryptography are rustls over aws-lc, once.
const BANNED: &[&str] = &["native-tls", "openssl", "openssl-sys"];

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// A crate of crates.io that is kept here with a change: vendor/README.md.
const VENDORED: &[&str] = &["sqlx-sqlite"];

/// Dependencies that no line of the code names, each with what it is for.
const UNNAMED: &[(&str, &str)] = &[];

/// Whether these licences let a user of the crate choose only licences that are allowed: an SPDX
/// expression, or the older form with a slash for OR. What cannot be read is not met.
fn is_met(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    either(&mut words) == Some(true) && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn either(words: &mut Words<'_>) -> Option<bool> {
    let mut met = both(words)?;
    while words.next_if_eq(&"OR").is_some() {
        met |= both(words)?;
    }
    Some(met)
}

fn both(words: &mut Words<'_>) -> Option<bool> {
    let mut met = one(words)?;
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words)?;
    }
    Some(met)
}

fn one(words: &mut Words<'_>) -> Option<bool> {
    match words.next()? {
        "(" => {
            let met = either(words)?;
            words.next_if_eq(&")").map(|_| met)
        }
        "AND" | "OR" | "WITH" | ")" => None,
        licence => {
            // An exception permits more than the licence does.
            if words.next_if_eq(&"WITH").is_some() {
                words.next()?;
            }
            Some(LICENCES.contains(&licence.trim_end_matches('+')))
        }
    }
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().map_or(&[], Vec::as_slice)
}

/// What is wrong with packages wherever they come in.
fn faults(metadata: &Value) -> Vec<String> {
    let mut faults = vec![];
    for package in list(metadata, "packages") {
        let (name, version) = (text(package, "name"), text(package, "version"));
        let mut fault = |what: &str| faults.push(format!("{name} {version} {what}"));
        if !is_met(text(package, "license")) {
            fault(&format!("has licences that are not allowed: {}", package["license"]));
        }
        let is_member = list(metadata, "workspace_members").contains(&package["id"]);
        let is_vendored = package["source"].is_null() && VENDORED.contains(&name);
        if !is_member && !is_vendored && text(package, "source") != CRATES_IO {
            fault(&format!("does not come from crates.io: {}", package["source"]));
        }
        if BANNED.contains(&name) {
            fault("is banned");
        }
        for dependency in list(package, "dependencies") {
            if is_member && text(dependency, "req") == "*" && dependency["path"].is_null() {
                fault(&format!("takes any version of {}", text(dependency, "name")));
            }
        }
    }
    faults
}

/// Whether this code names this crate in a path or a `use`.
fn names(code: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    code.match_indices(name).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        let is_used = before.ends_with("use ") && (after.starts_with(';') || after.starts_with(" as "));
        !before.ends_with(is_word) && (after.starts_with("::") || is_used)
    })
}

/// What a member's code is: of the program itself, of its tests and benches, and of its build.
#[derive(Default)]
struct Code {
    own: String,
    tests: String,
    build: String,
}

impl Code {
    /// The files a package's targets consist of.
    fn of(package: &Value) -> Self {
        let mut code = Self::default();
        let mut folders = BTreeSet::new();
        for target in list(package, "targets") {
            let file = Path::new(text(target, "src_path"));
            match target["kind"][0].as_str().unwrap_or_default() {
                "custom-build" => {
                    code.build += &source::without_comments(&std::fs::read_to_string(file).unwrap());
                    // The modules of a build script are in a folder of its name.
                    let modules = file.with_extension("");
                    if modules.is_dir() {
                        let texts = source::texts(&modules);
                        code.build
                            .extend(texts.values().map(|text| source::without_comments(text)));
                    }
                }
                kind => drop(folders.insert((file.parent().unwrap(), matches!(kind, "lib" | "bin" | "proc-macro")))),
            }
        }
        for (folder, is_own) in folders {
            let files = source::texts(folder);
            let all = files.values().map(|text| source::without_comments(text));
            code.tests.extend(all);
            if is_own {
                code.own.extend(source::without_tests(files).into_values());
            }
        }
        code
    }
}

/// Direct dependencies of a member that its code does not name.
fn unnamed(package: &Value, code: &Code) -> Vec<String> {
    let is_unnamed = |dependency: &&Value| {
        let rename = dependency["rename"].as_str();
        let name = rename.unwrap_or(text(dependency, "name")).replace('-', "_");
        let code = match dependency["kind"].as_str() {
            None => &code.own,
            Some("build") => &code.build,
            Some(_) => &code.tests,
        };
        !names(code, &name)
    };
    let dependencies = list(package, "dependencies").iter().filter(is_unnamed);
    dependencies
        .map(|dependency| format!("{} {}", text(package, "name"), text(dependency, "name")))
        .collect()
}

/// What is built for this machine.
fn metadata() -> Value {
    let machine = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let asked = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--offline",
            "--all-features",
        ])
        .args(["--filter-platform", &machine])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    serde_json::from_slice(&asked.stdout).unwrap()
}

#[test]
fn every_package_is_allowed_and_every_dependency_is_used() {
    let metadata = metadata();
    let packages = list(&metadata, "packages");
    assert!(packages.len() > 300, "the packages are read: {}", packages.len());
    assert_eq!(faults(&metadata), [""; 0]);

    let members = list(&metadata, "workspace_members");
    let of_us = packages.iter().filter(|package| members.contains(&package["id"]));
    let unnamed: BTreeSet<_> = of_us.flat_map(|package| unnamed(package, &Code::of(package))).collect();
    let expected = UNNAMED.iter().map(|(what, _)| (*what).to_owned()).collect();
    assert_eq!(unnamed, expected, "remove it, or say in UNNAMED what it is for");
}

#[test]
fn licences_are_met_as_their_expression_says() {
    for met in [
        "MIT",
        "MPL-2.0+",
        "Apache-2.0/GPL-3.0-only",
        "GPL-3.0-only / MIT",
        "GPL-3.0-only OR (MIT AND Zlib)",
        "MIT OR GPL-3.0-only AND GPL-2.0-only",
        "Apache-2.0 WITH LLVM-exception OR GPL-3.0-only",
        "((ISC))",
    ] {
        assert!(is_met(met), "{met}");
    }
    for unmet in [
        "",
        "GPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "(MIT OR GPL-3.0-only) AND GPL-3.0-only",
        "GPL-3.0-only OR GPL-2.0-only AND MIT",
        "GPL-3.0-only WITH Classpath-exception-2.0",
        "MIT OR",
        "MIT WITH",
        "(MIT",
        "MIT)",
        "MIT Zlib",
        "AND",
    ] {
        assert!(!is_met(unmet), "{unmet}");
    }
}

/// A workspace of one member with one dependency, in which this is changed.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut metadata = json!({
        "workspace_members": ["path#ours@1.0.0"],
        "packages": [
            {
                "id": "path#ours@1.0.0", "name": "ours", "version": "1.0.0", "license": "Apache-2.0", "source": null,
                "dependencies": [{ "name": "theirs", "req": "^2", "kind": null }],
            },
            {
                "id": "theirs@2.0.0", "name": "theirs", "version": "2.0.0", "license": "MIT", "source": CRATES_IO,
                "dependencies": [{ "name": "anything", "req": "*", "kind": null }],
            },
        ],
    });
    change(&mut metadata);
    faults(&metadata)
}

#[test]
fn a_package_that_breaks_a_rule_is_found() {
    assert_eq!(changed(|_| {}), [""; 0]);
    let path = |metadata: &mut Value| metadata["packages"][0]["dependencies"][0]["path"] = json!("/elsewhere");
    assert_eq!(changed(path), [""; 0], "a folder has no versions");

    let with = |pointer: &str, value: Value| changed(|metadata| *metadata.pointer_mut(pointer).unwrap() = value);
    let unlicensed = with("/packages/1/license", Value::Null);
    assert_eq!(unlicensed, ["theirs 2.0.0 has licences that are not allowed: null"]);
    let copyleft = with("/packages/1/license", json!("AGPL-3.0-only"));
    assert_eq!(
        copyleft,
        ["theirs 2.0.0 has licences that are not allowed: \"AGPL-3.0-only\""]
    );
    for source in [
        json!("git+https://example.com/theirs#0123"),
        json!("registry+https://example.com/"),
        Value::Null,
    ] {
        let elsewhere = with("/packages/1/source", source.clone());
        assert_eq!(
            elsewhere,
            [format!("theirs 2.0.0 does not come from crates.io: {source}")]
        );
    }
    assert_eq!(
        with("/packages/1/name", json!("openssl-sys")),
        ["openssl-sys 2.0.0 is banned"]
    );
    let any = with("/packages/0/dependencies/0/req", json!("*"));
    assert_eq!(any, ["ours 1.0.0 takes any version of theirs"]);
}

#[test]
fn a_dependency_that_no_code_names_is_found() {
    let code = |own: &str, tests: &str, build: &str| {
        let [own, tests, build] = [own, tests, build].map(str::to_owned);
        Code { own, tests, build }
    };
    let of_kind = |kind: Value| json!({ "name": "ours", "dependencies": [{ "name": "the-irs", "kind": kind }] });
    let named = "let it = the_irs::it();";
    let cases = [
        (Value::Null, code(named, "", ""), code("", named, named)),
        (json!("dev"), code("", named, ""), code(named, "", named)),
        (json!("build"), code("", "", named), code(named, named, "")),
    ];
    for (kind, used, unused) in cases {
        let package = of_kind(kind);
        assert_eq!(unnamed(&package, &used), [""; 0], "{package}");
        assert_eq!(unnamed(&package, &unused), ["ours the-irs"], "{package}");
    }
    let renamed = json!({ "name": "ours", "dependencies": [{ "name": "theirs", "rename": "the-irs", "kind": null }] });
    assert_eq!(unnamed(&renamed, &code(named, "", "")), [""; 0]);
    assert_eq!(unnamed(&renamed, &code("theirs::it()", "", "")), ["ours theirs"]);

    for naming in [
        "use the_irs;",
        "use the_irs as it;",
        "pub use the_irs::It;",
        "#[the_irs::it]",
        "(the_irs::it)",
    ] {
        assert!(names(naming, "the_irs"), "{naming}");
    }
    for other in [
        "the_irs",
        "the_irs.it()",
        "not_the_irs::it",
        "ours::the_irs::it",
        "use the_irs_too;",
        "",
    ] {
        assert!(!names(other, "the_irs"), "{other}");
    }
}
