//! Packs Swagger UI: those files of its distribution that its page needs.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    io::{Cursor, Read},
    path::PathBuf,
};
use tenantry_assets::pack;
use zip::ZipArchive;

/// Without `swagger-initializer.js`, which the server writes itself, and the bundles for other ways of loading it.
const NEEDED: &[&str] = &[
    "favicon-16x16.png",
    "favicon-32x32.png",
    "index.css",
    "index.html",
    "oauth2-redirect.html",
    "oauth2-redirect.js",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "swagger-ui.css",
];

#[expect(
    clippy::disallowed_methods,
    reason = "cargo talks to build scripts through the environment"
)]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut archive = ZipArchive::new(Cursor::new(utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED))?;
    // All is in one folder, which is called by the version.
    let first = archive.name_for_index(0).ok_or("the archive is empty")??;
    let folder = first.split('/').next().unwrap_or_default().to_owned();
    let mut files = BTreeMap::new();
    for name in NEEDED {
        let mut bytes = vec![];
        archive
            .by_name(&format!("{folder}/dist/{name}"))?
            .read_to_end(&mut bytes)?;
        files.insert((*name).to_owned(), bytes);
    }
    let out_dir = PathBuf::from(env::var("OUT_DIR")?);
    Ok(pack::write(&out_dir, "swagger-ui", &files)?)
}
