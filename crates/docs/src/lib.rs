//! The documentation: pages made by this crate's build script of the Markdown in `docs/`, and embedded.
//!
//! The crate knows no HTTP. All addresses on the pages are relative, so that one build serves `/docs/` and
//! `/t/acme/docs/` alike.

use tenantry_assets::Assets;

/// The pages, by their paths below the site's base: `index.html`, `gateways/nginx.html`; and what they are shown with.
pub static FILES: Assets = include!(concat!(env!("OUT_DIR"), "/docs.rs"));
