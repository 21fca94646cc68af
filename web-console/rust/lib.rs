//! The web console: static files built from TypeScript by this crate's build script and embedded, content-hashed and compressed.
//!
//! The crate knows no HTTP. Whoever serves it answers [`find`] for a file, and [`index`] for any other address
//! outside `assets/`, after writing the tenant's own base into it ([`BASE`]).

/// One embedded file.
#[derive(Debug)]
pub struct Asset {
    /// The path below the console's base, without a leading slash: `index.html`, `assets/index-4Fd1.js`.
    pub path: &'static str,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// The file as it is.
    pub bytes: &'static [u8],
    /// The file compressed with Brotli, when that is smaller.
    pub brotli: Option<&'static [u8]>,
    /// The file compressed with gzip, when that is smaller: browsers do not offer Brotli over plain HTTP.
    pub gzip: Option<&'static [u8]>,
    /// A strong entity tag of `bytes`, with its quotes.
    pub etag: &'static str,
    /// Whether the path names the content, so that caches may keep it for ever.
    pub immutable: bool,
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// What stands in the page's head exactly once and is to be replaced by the base of the tenant it is served for.
///
/// All addresses of the page are relative to it, so one build serves `/console/` and `/t/acme/console/` alike. A page
/// that was changed needs its own entity tag, and the compressed forms of the original are not forms of it.
pub const BASE: &str = r#"<base href="/console/">"#;

/// The file at a path below the console's base.
#[must_use]
pub fn find(path: &str) -> Option<&'static Asset> {
    let at = ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok()?;
    ASSETS.get(at)
}

/// The page that every address of the console shows.
#[must_use]
pub fn index() -> &'static Asset {
    &ASSETS[INDEX]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_by_its_path() {
        assert!(ASSETS.len() > 1);
        for asset in ASSETS {
            assert!(
                find(asset.path).is_some_and(|found| std::ptr::eq(found, asset)),
                "{}",
                asset.path
            );
        }
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for path in [
            "",
            "/",
            "/index.html",
            "index.html/",
            "assets",
            "assets/",
            "../Cargo.toml",
            "index.html.br",
            "zzz",
        ] {
            assert!(find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn the_page_is_not_kept_by_caches_and_has_one_base_to_replace() {
        let page = index();
        assert_eq!(
            (page.path, page.content_type, page.immutable),
            ("index.html", "text/html; charset=utf-8", false)
        );
        assert_eq!(
            std::str::from_utf8(page.bytes).map(|text| text.matches(BASE).count()),
            Ok(1)
        );
    }

    #[test]
    fn every_tag_is_strong_and_quoted_and_differs_from_the_others() {
        let mut tags: Vec<_> = ASSETS.iter().map(|asset| asset.etag).collect();
        for tag in &tags {
            assert!(tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'), "{tag}");
        }
        tags.sort_unstable();
        tags.dedup();
        assert_eq!(tags.len(), ASSETS.len());
    }

    #[test]
    fn only_hashed_names_are_kept_for_ever() {
        for asset in ASSETS {
            assert_eq!(asset.immutable, asset.path.starts_with("assets/"), "{}", asset.path);
        }
    }
}
