//! Builds the console with npm, or takes a built one, and packs its files for `lib.rs` to include.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use tenantry_assets::pack;

/// A folder with an already built console: for packagers, containers and machines without npm.
const DIST: &str = "TENANTRY_CONSOLE_DIST";

/// Where the server writes the tenant's base: `BASE` of `lib.rs`.
const BASE: &str = r#"<base href="/console/">"#;

const WAYS_OUT: &str = "the web console is built by npm. Either
  - install Node.js 20.19 or newer with npm and build again,
  - set TENANTRY_CONSOLE_DIST to a folder that `npm run build` filled elsewhere, or
  - leave the console out: cargo build --no-default-features";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error}\n\n{WAYS_OUT}\n");
            ExitCode::FAILURE
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "cargo talks to build scripts through the environment"
)]
fn build() -> Result<()> {
    let crate_dir = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out_dir = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo::rerun-if-env-changed={DIST}");
    let dist = if let Some(given) = env::var_os(DIST) {
        let given = PathBuf::from(given);
        println!("cargo::rerun-if-changed={}", given.display());
        given
    } else {
        for input in [
            "src",
            "index.html",
            "package.json",
            "package-lock.json",
            "tsconfig.json",
            "vite.config.ts",
        ] {
            println!("cargo::rerun-if-changed={input}");
        }
        let dist = out_dir.join("dist");
        install(&crate_dir)?;
        let folder = dist.to_str().ok_or("the path of OUT_DIR is not UTF-8")?;
        npm(
            &crate_dir,
            &[
                "run",
                "build",
                "--",
                "--outDir",
                folder,
                "--emptyOutDir",
                "--logLevel",
                "warn",
            ],
        )?;
        dist
    };
    let mut files = BTreeMap::new();
    collect(&dist, "", &mut files).map_err(|error| format!("cannot read {}: {error}", dist.display()))?;
    // The page is never sent as it is.
    let page = files.remove("index.html");
    let page = page.ok_or_else(|| format!("{} holds no index.html", dist.display()))?;
    if String::from_utf8_lossy(&page).matches(BASE).count() != 1 {
        return Err(format!("index.html must hold {BASE} exactly once").into());
    }
    fs::write(out_dir.join("index.html"), page)?;
    Ok(pack::write(&out_dir, "files", &files)?)
}

/// Installs what the lock file names, unless it is there already: `npm ci` begins by deleting everything.
fn install(crate_dir: &Path) -> Result<()> {
    let changed = |path: &str| fs::metadata(crate_dir.join(path)).and_then(|file| file.modified());
    let installed = changed("node_modules/.package-lock.json");
    if installed.is_ok_and(|installed| changed("package-lock.json").is_ok_and(|lock| lock <= installed)) {
        return Ok(());
    }
    npm(crate_dir, &["ci", "--no-audit", "--no-fund"])
}

fn npm(crate_dir: &Path, arguments: &[&str]) -> Result<()> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let run = Command::new(program).args(arguments).current_dir(crate_dir).output();
    let output = run.map_err(|error| format!("could not run npm: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "`npm {}` failed ({})\n{said}{complained}",
        arguments.join(" "),
        output.status
    )
    .into())
}

/// Paths are joined with `/` whatever the system says, for they are compared with those of addresses.
fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.insert(path, fs::read(entry.path())?);
        }
    }
    Ok(())
}
