//! Makes the site of the Markdown: a page of each file, with links between them, and the texts to search in.

#[path = "build/page.rs"]
mod page;
#[path = "build/read.rs"]
mod read;

use page::Nav;
use read::Source;
use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};
use tenantry_assets::{PALETTE, pack};

/// The pages in the order in which they are listed.
const PARTS: &[(&str, &[&str])] = &[
    (
        "Begin",
        &["README.md", "docs/first-application.md", "docs/installing.md"],
    ),
    (
        "Run",
        &[
            "docs/operating.md",
            "docs/tenants.md",
            "docs/domains.md",
            "docs/mail.md",
            "docs/files.md",
            "docs/import.md",
            "docs/many-users.md",
            "docs/backups.md",
            "docs/security.md",
            "CHANGELOG.md",
        ],
    ),
    (
        "Build",
        &[
            "docs/sign-in-methods.md",
            "docs/gateways/README.md",
            "docs/gateways/apache.md",
            "docs/gateways/envoy.md",
            "docs/gateways/higress.md",
            "docs/gateways/nginx.md",
            "docs/gateways/traefik.md",
            "docs/grpc.md",
            "docs/contracts.md",
            "docs/permissions.md",
        ],
    ),
];
/// What is for those who build the server.
const LEFT_OUT: &[&str] = &["docs/decisions.md", "docs/screens/README.md"];

#[expect(
    clippy::disallowed_methods,
    reason = "cargo talks to build scripts through the environment"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = here.join("../..");
    println!("cargo::rerun-if-changed={}", here.join("build").display());
    println!("cargo::rerun-if-changed={}", here.join("site").display());
    println!("cargo::rerun-if-changed={}", root.join("docs").display());
    let listed: Vec<_> = PARTS.iter().flat_map(|(_, files)| *files).copied().collect();
    check_all_are_listed(&root, &listed)?;
    let mut sources = BTreeMap::new();
    for file in listed {
        println!("cargo::rerun-if-changed={}", root.join(file).display());
        let text = fs::read_to_string(root.join(file)).map_err(|error| format!("{file}: {error}"))?;
        sources.insert(file, Source::new(file, &text)?);
    }
    let nav = Nav::new(PARTS, &sources);
    let mut files = BTreeMap::new();
    let mut found = vec![];
    for source in sources.values() {
        let read = source.read(&sources)?;
        files.insert(source.path.clone(), page::write(&nav, source, &read.html).into_bytes());
        found.extend(read.sections);
    }
    files.insert("search.json".to_owned(), serde_json::to_vec(&found)?);
    let site = here.join("site");
    let style = PALETTE.to_owned() + &fs::read_to_string(site.join("site.css"))?;
    files.insert("site.css".to_owned(), style.into_bytes());
    files.insert("site.js".to_owned(), fs::read(site.join("site.js"))?);
    Ok(pack::write(&PathBuf::from(env::var("OUT_DIR")?), "docs", &files)?)
}

/// A page that is not listed would be one that nobody finds.
fn check_all_are_listed(root: &Path, listed: &[&str]) -> Result<(), Box<dyn Error>> {
    let known: BTreeSet<_> = listed.iter().chain(LEFT_OUT).copied().collect();
    let mut folders = vec!["docs".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if Path::new(&path).extension().is_some_and(|kind| kind == "md") && !known.contains(path.as_str()) {
                return Err(format!("{path} is in no part of the site: see crates/docs/build.rs").into());
            }
        }
    }
    Ok(())
}
