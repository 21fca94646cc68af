//! The hash that content is named by.

use aws_lc_rs::digest::{Context, SHA256};
use std::fmt::{self, Write};

/// SHA-256 of what is written piece by piece.
pub struct Hash(Context);

impl Default for Hash {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hash")
    }
}

impl Hash {
    /// That of a whole content, in hexadecimal.
    #[must_use]
    pub fn of(content: &[u8]) -> String {
        let mut hash = Self::default();
        hash.update(content);
        hash.finish()
    }

    /// Goes on with this.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The hash, in hexadecimal.
    #[must_use]
    pub fn finish(self) -> String {
        let mut text = String::with_capacity(64);
        for byte in self.0.finish().as_ref() {
            write!(text, "{byte:02x}").expect("a text takes what is written to it");
        }
        text
    }
}
