//! Builds the console with npm, or takes a built one, and writes the table of its files for `lib.rs` to include.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// A folder with an already built console: for packagers, containers and machines without npm.
const DIST: &str = "TENANTRY_CONSOLE_DIST";

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
    fs::write(out_dir.join("assets.rs"), table(&dist)?)?;
    Ok(())
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

/// The source of `ASSETS` (sorted by path) and `INDEX`.
fn table(dist: &Path) -> Result<String> {
    let dist = &dist
        .canonicalize()
        .map_err(|error| format!("cannot read {}: {error}", dist.display()))?;
    let mut paths = Vec::new();
    collect(dist, "", &mut paths)?;
    paths.retain(|path| !is_compressed(path));
    paths.sort_unstable();
    let index = paths.iter().position(|path| path == "index.html");
    let index = index.ok_or_else(|| format!("{} holds no index.html", dist.display()))?;
    let page = fs::read_to_string(dist.join("index.html"))?;
    if page.matches(r#"<base href="/console/">"#).count() != 1 {
        return Err(r#"index.html must hold <base href="/console/"> exactly once"#.into());
    }
    let include = |file: &Path| format!("include_bytes!({:?})", file.to_string_lossy());
    let mut source = format!("const INDEX: usize = {index};\nstatic ASSETS: &[Asset] = &[\n");
    for path in &paths {
        let file = dist.join(path);
        let bytes = fs::read(&file)?;
        let companion = |suffix: &str| {
            let companion = dist.join(format!("{path}.{suffix}"));
            let smaller = fs::metadata(&companion).ok()?.len() < bytes.len() as u64;
            smaller.then(|| include(&companion))
        };
        let option = |code: Option<String>| code.map_or("None".to_owned(), |code| format!("Some({code})"));
        writeln!(
            source,
            "    Asset {{ path: {path:?}, content_type: {:?}, bytes: {}, brotli: {}, gzip: {}, etag: {:?}, immutable: {} }},",
            content_type(path),
            include(&file),
            option(companion("br")),
            option(companion("gz")),
            format!("\"{:032x}\"", digest(&bytes)),
            path.starts_with("assets/"),
        )?;
    }
    source.push_str("];\n");
    Ok(source)
}

fn is_compressed(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "br" || extension == "gz")
}

/// Paths are joined with `/` whatever the system says, for they are compared with those of addresses.
fn collect(folder: &Path, prefix: &str, paths: &mut Vec<String>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), paths)?;
        } else {
            paths.push(path);
        }
    }
    Ok(())
}

fn content_type(path: &str) -> &'static str {
    match Path::new(path).extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// FNV-1a with 128 bits. A tag tells two builds of our own files apart; nobody gains from a collision, so it needs no
/// cryptographic hash, and no dependency.
fn digest(bytes: &[u8]) -> u128 {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes
        .iter()
        .fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash, byte| {
            (hash ^ u128::from(*byte)).wrapping_mul(PRIME)
        })
}
