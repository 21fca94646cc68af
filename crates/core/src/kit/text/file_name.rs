//! Names of files, as people gave them, and the hashes that they are found by.

use super::wire_string;
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// Characters that a name has at most.
const LONGEST: usize = 255;

/// What people call a file: no place in any folder, and nothing that a line or a header ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// The name that somebody's own disk has, or another server, made one of ours: without folders and control
    /// characters, cut, and `file` if nothing is left.
    #[must_use]
    pub fn of_elsewhere(name: &str) -> Self {
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name: String = name.nfc().filter(|c| !is_hidden(*c)).take(LONGEST).collect();
        let name = name.trim();
        match name.trim_matches('.') {
            "" => Self("file".to_owned()),
            _ => Self(name.to_owned()),
        }
    }
}

/// Controls, and what turns the direction of a text: `gpj.exe` is not to look like `exe.jpg`.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

impl std::str::FromStr for FileName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.chars().count() > LONGEST {
            return Err("must have at most 255 characters");
        }
        if text.chars().any(is_hidden) {
            return Err("may not have control characters");
        }
        let text: String = text.trim().nfc().collect();
        match text.is_empty() {
            true => Err("must not be empty"),
            false => Ok(Self(text)),
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

wire_string!(FileName, {
    format: Some("file-name"),
    min_length: Some(1),
    max_length: Some(255),
    example: Some("quarter.pdf"),
    ..
});

/// The hash of a content, as files are found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sha256(String);

impl std::str::FromStr for Sha256 {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        match text.len() == 64 && text.bytes().all(is_digit) {
            true => Ok(Self(text.to_owned())),
            false => Err("must be 64 hexadecimal digits in lower case"),
        }
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

wire_string!(Sha256, {
    pattern: Some("^[0-9a-f]{64}$"),
    example: Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    ..
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_elsewhere_is_only_a_name() {
        for (given, kept) in [
            ("a.png", "a.png"),
            ("../../etc/passwd", "passwd"),
            ("C:\\me\\a\tb.png", "ab.png"),
            ("a\0.png", "a.png"),
            ("\u{202E}gpj.exe", "gpj.exe"),
            ("..", "file"),
            ("", "file"),
            ("a/", "file"),
        ] {
            assert_eq!(FileName::of_elsewhere(given).to_string(), kept, "{given:?}");
        }
        assert_eq!(
            FileName::of_elsewhere(&"ä".repeat(4096)).to_string().chars().count(),
            255
        );
    }
}
