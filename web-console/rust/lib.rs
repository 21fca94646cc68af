//! The web console: static files built from TypeScript by this crate's build script and embedded, content-hashed and compressed.
//!
//! The crate knows no HTTP. Whoever serves it answers one of [`FILES`], and [`PAGE`] for any other address outside
//! `assets/`, after writing the tenant's own base into it ([`BASE`]).

use tenantry_assets::Assets;

/// The files below the console's base, but for the page. What is in `assets/` is named by its content, so that caches
/// may keep it for ever.
pub static FILES: Assets = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The page that every address of the console shows.
pub const PAGE: &str = include_str!(concat!(env!("OUT_DIR"), "/index.html"));

/// What stands in the page's head exactly once and is to be replaced by the base of the tenant it is served for.
///
/// All addresses of the page are relative to it, so one build serves `/console/` and `/t/acme/console/` alike.
pub const BASE: &str = r#"<base href="/console/">"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_one_base_to_replace_and_is_no_file() {
        assert_eq!(PAGE.matches(BASE).count(), 1);
        assert!(FILES.find("index.html").is_none());
    }

    #[test]
    fn every_file_is_found_by_its_path() {
        assert!(FILES.0.len() > 1);
        for asset in FILES.0 {
            let found = FILES.find(asset.path);
            assert!(found.is_some_and(|found| std::ptr::eq(found, asset)), "{}", asset.path);
        }
    }

    #[test]
    fn every_tag_is_strong_and_quoted_and_differs_from_the_others() {
        let mut tags: Vec<_> = FILES.0.iter().map(|asset| asset.etag).collect();
        for tag in &tags {
            assert!(tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'), "{tag}");
        }
        tags.sort_unstable();
        tags.dedup();
        assert_eq!(tags.len(), FILES.0.len());
    }
}
