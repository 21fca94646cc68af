//! Floors: a file names what is on its own floor or below, and no two rooms of a floor name each other in a
//! circle. A room is a file, or a folder with all that is in it; the wire of a noun is a room of its own.

use super::source::{source_of, uses};
use std::collections::{BTreeMap, BTreeSet};

/// The floors of the server, the lowest first, below which is the crate `tenantry-core`. A room that is
/// not listed is a noun.
const FLOORS: &[&[&str]] = &[
    &["config", "console"],
    &[],
    &["server"],
    &["account"],
    &["extract", "ready", "worker"],
    &["wire of nouns"],
    &["groups", "login", "oidc"],
    &["app", "internal"],
    &["cli"],
    &["lib", "main"],
];
/// Where the nouns are among them.
const NOUNS: usize = 1;
/// Files of a noun that are its wire.
const WIRE: &[&str] = &["api", "own", "query", "wire"];

/// The floors of the core, the lowest first.
const CORE: &[&[&str]] = &[
    &["kit"],
    &["tenant", "audit", "idempotency"],
    &["access"],
    &["job", "context"],
    &["lib"],
];

/// The names of the modules on the way to a file: `user/api.rs` is `user`, `api`.
fn modules(file: &str) -> Vec<&str> {
    let mut modules: Vec<_> = file.trim_end_matches(".rs").split('/').collect();
    if modules.last() == Some(&"mod") {
        modules.pop();
    }
    modules
}

/// Every module of the same crate that the code of this file names.
fn named(file: &str, code: &str) -> BTreeSet<Vec<String>> {
    let own = modules(file);
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let in_text = ["crate::", "super::"].into_iter().flat_map(|start| {
        code.match_indices(start)
            .filter(|(at, _)| !code[..*at].ends_with(is_word))
            .map(|(at, _)| code[at..].split(|c| !is_word(c)).next().unwrap_or_default().to_owned())
    });
    let paths = uses(code).into_iter().chain(in_text);
    paths
        .filter_map(|path| {
            let mut parts = path.split("::").filter(|part| !part.is_empty()).peekable();
            let mut base: Vec<&str> = match parts.next()? {
                "crate" => vec![],
                "super" => {
                    let mut above = own.len().saturating_sub(1);
                    while parts.next_if_eq(&"super").is_some() {
                        above = above.saturating_sub(1);
                    }
                    own[..above].to_vec()
                }
                _ => return None,
            };
            base.extend(parts);
            Some(base.into_iter().map(str::to_owned).collect())
        })
        .collect()
}

/// The room of a module: its folder, and whether it is the wire of a noun.
fn room_of(modules: &[&str], has_wire: bool) -> Option<String> {
    let first = modules.first()?;
    let is_wire = has_wire && modules.get(1).is_some_and(|second| WIRE.contains(second));
    Some(match is_wire {
        true => format!("{first}/wire"),
        false => (*first).to_owned(),
    })
}

/// Every arrow from one room to another, with a file that draws it.
fn arrows(source: &BTreeMap<String, String>, has_wire: impl Fn(&str) -> bool) -> BTreeMap<(String, String), String> {
    let rooms: BTreeSet<&str> = source
        .keys()
        .filter_map(|file| modules(file).first().copied())
        .collect();
    let mut found = BTreeMap::new();
    for (file, code) in source {
        let own = modules(file);
        let Some(from) = room_of(&own, has_wire(own[0])) else {
            continue;
        };
        for path in named(file, code) {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let known = path.first().is_some_and(|first| rooms.contains(first));
            let to = room_of(&path, known && has_wire(path[0])).filter(|to| known && *to != from);
            if let Some(to) = to {
                found.insert((from.clone(), to), file.clone());
            }
        }
    }
    found
}

fn floor_in(floors: &[&[&str]], room: &str) -> Option<usize> {
    floors.iter().position(|floor| floor.contains(&room))
}

fn server_floor(room: &str) -> usize {
    match room.ends_with("/wire") {
        true => floor_in(FLOORS, "wire of nouns").unwrap(),
        false => floor_in(FLOORS, room).unwrap_or(NOUNS),
    }
}

/// Groups and pages are wire as a whole.
fn has_wire(room: &str) -> bool {
    !["groups", "login", "oidc"].contains(&room)
}

fn core_floor(room: &str) -> usize {
    floor_in(CORE, room).unwrap_or_else(|| panic!("{room} is on no floor of the core: add it to CORE"))
}

/// The arrows that run up, and the rooms that are in a circle.
fn faults(arrows: &BTreeMap<(String, String), String>, floor: impl Fn(&str) -> usize) -> Vec<String> {
    let up = arrows.iter().filter(|((from, to), _)| floor(from) < floor(to));
    let mut faults: Vec<_> = up
        .map(|((from, to), file)| format!("{file}: {from} names {to} above it"))
        .collect();
    // What nobody in the rest names, or names nobody in the rest, is in no circle.
    let mut rest: BTreeSet<&(String, String)> = arrows.keys().collect();
    loop {
        let before = rest.len();
        let from: BTreeSet<_> = rest.iter().map(|(from, _)| from).collect();
        let to: BTreeSet<_> = rest.iter().map(|(_, to)| to).collect();
        rest.retain(|(a, b)| to.contains(a) && from.contains(b));
        if rest.len() == before {
            break;
        }
    }
    faults.extend(
        rest.iter()
            .map(|pair| format!("{}: {} and {} are in a circle", arrows[*pair], pair.0, pair.1)),
    );
    faults
}

#[test]
fn no_arrow_of_the_server_runs_up_and_none_in_a_circle() {
    let arrows = arrows(&source_of("src"), has_wire);
    assert!(arrows.len() > 50, "the arrows are read: {arrows:?}");
    assert_eq!(faults(&arrows, server_floor), [""; 0]);
}

#[test]
fn no_arrow_of_the_core_runs_up_and_none_in_a_circle() {
    let source = source_of("crates/core/src");
    assert_eq!(faults(&arrows(&source, |_| false), core_floor), [""; 0]);
    // The machinery is many rooms, each a file or a folder.
    let kit = source.iter().filter_map(|(name, code)| {
        let inner = name.strip_prefix("kit/").filter(|inner| *inner != "mod.rs")?;
        Some((inner.to_owned(), code.replace("crate::kit::", "crate::")))
    });
    assert_eq!(faults(&arrows(&kit.collect(), |_| false), |_| 0), [""; 0]);
}

#[test]
fn an_arrow_that_runs_up_or_in_a_circle_is_found() {
    let with = |file: &str, line: &str| {
        let mut source = source_of("src");
        source.get_mut(file).unwrap().push_str(line);
        faults(&arrows(&source, has_wire), server_floor)
    };
    let up = with("user/mod.rs", "\nuse crate::account::SignUp;\n");
    assert!(
        up.iter().any(|fault| fault.contains("user names account above it")),
        "{up:?}"
    );
    let circle = with("email/mod.rs", "\nfn f() { crate::user::exists(); }\n");
    assert!(
        circle
            .iter()
            .any(|fault| fault.contains("email and user are in a circle")),
        "{circle:?}"
    );
}

#[test]
fn only_the_extractors_make_a_request_act() {
    let source = source_of("src");
    let naming: Vec<_> = source
        .iter()
        .filter(|(_, code)| code.contains("UnknownCaller"))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        naming,
        ["extract.rs"],
        "what may act is made where the permission is asked for"
    );
}

#[test]
fn operations_answer_boxed_futures() {
    let source = source_of("src");
    let impls: Vec<_> = source
        .iter()
        .flat_map(|(name, code)| code.split("#[OpenApi").skip(1).map(move |rest| (name, rest)))
        .collect();
    assert!(impls.len() > 20, "impls of operations are read");
    let unboxed: Vec<_> = impls
        .iter()
        .filter(|(_, rest)| !rest.split("impl ").next().unwrap_or_default().contains("#[boxed]"))
        .map(|(name, _)| name)
        .collect();
    assert!(
        unboxed.is_empty(),
        "`#[boxed]` below `#[OpenApi]` makes them quick to compile: {unboxed:?}"
    );
}
