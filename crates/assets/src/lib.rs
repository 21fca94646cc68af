//! Files that are embedded in the binary, each once: compressed, or as it is where that makes it no smaller.
//!
//! A build script packs them with the feature `pack`, and the crate that it belongs to includes the table:
//! `static FILES: Assets = include!(concat!(env!("OUT_DIR"), "/files.rs"));`. The crate knows no HTTP.

#[cfg(feature = "pack")]
pub mod pack;

/// The colours of the pages that are not the console's, as custom properties: stylesheets begin with it.
pub const PALETTE: &str = include_str!("palette.css");

/// One embedded file.
#[derive(Debug)]
pub struct Asset {
    /// The path in the folder that was embedded, without a leading slash: `assets/index-4Fd1.js`.
    pub path: &'static str,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// A strong entity tag of all that is embedded of the file, with its quotes. Each coding of it needs one of its own.
    pub etag: &'static str,
    /// Its bytes.
    pub content: Content,
}

/// How the bytes of a file are embedded.
#[derive(Debug)]
pub enum Content {
    /// As they are: compressed they would not be fewer.
    Plain(&'static [u8]),
    /// Compressed, in both codings: browsers do not offer Brotli over plain HTTP.
    Packed {
        /// With Brotli.
        brotli: &'static [u8],
        /// With gzip, which they are unpacked from for a client that takes neither.
        gzip: &'static [u8],
    },
}

/// A table of files, sorted by path.
#[derive(Debug)]
pub struct Assets(pub &'static [Asset]);

impl Assets {
    /// The file at this path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&'static Asset> {
        let at = self.0.binary_search_by(|asset| asset.path.cmp(path)).ok()?;
        self.0.get(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn file(path: &'static str) -> Asset {
        Asset {
            path,
            content_type: "text/plain; charset=utf-8",
            etag: "\"1\"",
            content: Content::Plain(b"1"),
        }
    }

    static FILES: Assets = Assets(&[file("assets/a.js"), file("assets/b.js"), file("b.txt")]);

    #[test]
    fn a_file_is_found_by_its_path_alone() {
        for asset in FILES.0 {
            let found = FILES.find(asset.path);
            assert!(found.is_some_and(|found| std::ptr::eq(found, asset)), "{}", asset.path);
        }
        for path in [
            "", "/", "/b.txt", "b.txt/", "b.txt.br", "assets", "assets/", "../b.txt", "zzz",
        ] {
            assert!(FILES.find(path).is_none(), "{path}");
        }
    }
}
